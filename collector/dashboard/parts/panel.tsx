import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import type { ReportName, ReportQuery } from '../../src/client.ts'
import { ExportButtons } from './export-buttons.tsx'

interface PanelProps<Name extends ReportName> {
  title: string
  /** What the figures mean, where the title does not say it. */
  about?: ComponentChildren
  /** The report that it shows, to be taken along. */
  report?: readonly [name: Name, query: ReportQuery<Name>]
  aside?: ComponentChildren
  wide?: boolean
  children: ComponentChildren
}

/** One question and its answer. */
export function Panel<Name extends ReportName>({ title, about, report, aside, wide, children }: PanelProps<Name>) {
  const id = useId()
  return (
    <section class={wide ? 'panel wide' : 'panel'} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        <div class="aside">
          {aside}
          {report && <ExportButtons title={title} name={report[0]} query={report[1]} />}
        </div>
      </header>
      {about && <p class="about">{about}</p>}
      {children}
    </section>
  )
}
