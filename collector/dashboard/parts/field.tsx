import type { ComponentChildren } from 'preact'
import { useEffect, useId, useState } from 'preact/hooks'

interface FieldProps {
  label: string
  children: (id: string) => ComponentChildren
}

/** A control under its name. */
export function Field({ label, children }: FieldProps) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(id)}
    </div>
  )
}

interface TextFieldProps {
  label: string
  value: string
  placeholder?: string
  choices?: readonly string[]
  onSet: (value: string) => void
}

/** Takes effect with Enter, a choice from the list, or when it is left: not with every letter. */
export function TextField({ label, value, placeholder, choices = [], onSet }: TextFieldProps) {
  const [typed, setTyped] = useState(value)
  const list = useId()
  useEffect(() => setTyped(value), [value])
  const set = (next: string) => {
    if (next.trim() !== value) onSet(next.trim())
  }
  return (
    <Field label={label}>
      {(id) => (
        <>
          <input
            id={id}
            type="search"
            list={choices.length > 0 ? list : undefined}
            placeholder={placeholder}
            value={typed}
            maxLength={1024}
            spellcheck={false}
            autocomplete="off"
            onInput={(event) => {
              setTyped(event.currentTarget.value)
              if (choices.includes(event.currentTarget.value)) set(event.currentTarget.value)
            }}
            onChange={(event) => set(event.currentTarget.value)}
            onKeyDown={(event) => event.key === 'Enter' && set(event.currentTarget.value)}
          />
          {choices.length > 0 && (
            <datalist id={list}>
              {choices.map((choice) => (
                <option key={choice} value={choice} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Field>
  )
}
