/** Every stanza and its fate, found by id, from, to and fate. */
import { useState } from 'preact/hooks'
import type { StanzaLine, StanzaQuery } from '../replaying/protocol.js'
import { useWindow } from './use-window.js'
import { Windowed } from './windowed.js'

export interface StanzaTableProps {
  readonly found: number
  readonly query: StanzaQuery
  readonly onQuery: (query: StanzaQuery) => void
  readonly load: (first: number, count: number) => Promise<ReadonlyArray<StanzaLine>>
  readonly onStanza: (line: StanzaLine) => void
}

const rowHeight = 30

const fields = ['id', 'from', 'to', 'fate'] as const

export const StanzaTable = ({ found, query, onQuery, load, onStanza }: StanzaTableProps) => {
  const [shown, setShown] = useState<number>()
  return (
    <section class="stanzas" aria-label="Stanzas">
      <search class="query">
        {fields.map(field => (
          <label key={field}>
            {field}
            <input
              type="search"
              value={query[field]}
              onInput={event => onQuery({ ...query, [field]: event.currentTarget.value })}
            />
          </label>
        ))}
        <output>{found} found</output>
      </search>
      <Windowed rows={found} rowHeight={rowHeight} label="Stanzas that were found" shownRow={shown}>
        {(first, count, top) => (
          <Rows
            first={first}
            count={count}
            top={top}
            load={load}
            onStanza={onStanza}
            found={found}
            onShown={setShown}
          />
        )}
      </Windowed>
    </section>
  )
}

interface RowsProps extends Pick<StanzaTableProps, 'found' | 'load' | 'onStanza'> {
  readonly first: number
  readonly count: number
  readonly top: number
  readonly onShown: (row: number) => void
}

const Rows = ({ first, count, top, load, onStanza, found }: RowsProps) => {
  const loaded = useWindow(first, count, load, load)
  const offset = (loaded.first - first) * rowHeight
  return (
    <table aria-rowcount={found + 1} style={{ transform: `translateY(${top + offset}px)` }}>
      <caption class="hidden">Stanzas and their fates</caption>
      <thead class="hidden">
        <tr>
          <th scope="col">stanza</th>
          <th scope="col">from</th>
          <th scope="col">to</th>
          <th scope="col">fate</th>
        </tr>
      </thead>
      <tbody>
        {loaded.rows.map((line, index) => (
          <tr
            key={`${line.first} ${line.asked}`}
            aria-rowindex={loaded.first + index + 2}
            style={{ height: `${rowHeight}px` }}
          >
            <td>
              <button type="button" class="link" onClick={() => onStanza(line)}>
                {line.name}
              </button>
            </td>
            <td>{line.stanza.from}</td>
            <td>{line.stanza.to}</td>
            <td class={line.fate.startsWith('acked') ? 'good' : ''}>{line.fate}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
