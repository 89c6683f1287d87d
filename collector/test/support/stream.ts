import { type createCollector, fromHere } from './collector.ts'

/** Opens the live stream of a collector in memory; what came of it is read as text. */
export async function openStream(
  { app }: ReturnType<typeof createCollector>,
  query = '',
  headers: Record<string, string> = {},
) {
  const response = await app.request(`/api/live${query}`, { headers }, fromHere)
  const reader = response.body!.getReader()
  const decoder = new TextDecoder()
  let text = ''

  /** Reads until the text holds so many events. */
  async function events(count: number) {
    while ((text.match(/^data: /gm)?.length ?? 0) < count) {
      const { value, done } = await reader.read()
      if (done) break
      text += decoder.decode(value, { stream: true })
    }
    return text
      .split('\n\n')
      .filter((message) => message.includes('\ndata: '))
      .map((message) => {
        const fields = Object.fromEntries(message.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)))
        return { id: fields.id as string, name: fields.event as string, ...JSON.parse(fields.data as string) }
      })
  }
  return { response, reader, events, text: () => text }
}
