import { useId } from 'preact/hooks'

interface RadiosProps<Value extends string> {
  legend: string
  choices: readonly (readonly [Value, string])[]
  value: Value
  onSet: (value: Value) => void
}

/** One of a few, side by side. */
export function Radios<Value extends string>({ legend, choices, value, onSet }: RadiosProps<Value>) {
  const name = useId()
  return (
    <fieldset class="radios">
      <legend class="unseen">{legend}</legend>
      {choices.map(([choice, label]) => (
        <label key={choice}>
          <input type="radio" name={name} value={choice} checked={choice === value} onChange={() => onSet(choice)} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  )
}
