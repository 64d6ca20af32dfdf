/** A list of any length of which only what can be seen is in the document. */
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

/** Browsers draw nothing taller than some 16 million pixels: beyond this, a pixel of the bar is more than one of the list. */
const tallest = 8_000_000

export interface WindowedProps {
  readonly rows: number
  readonly rowHeight: number
  readonly label: string
  /** Brought into view when it changes. */
  readonly shownRow?: number | undefined
  readonly onKeyDown?: (event: KeyboardEvent) => void
  readonly header?: ComponentChildren
  /** Draws rows; `top` is where the first of them goes. */
  readonly children: (first: number, count: number, top: number) => ComponentChildren
}

export const Windowed = (props: WindowedProps) => {
  const { rows, rowHeight, label, shownRow, onKeyDown, header, children } = props
  const element = useRef<HTMLDivElement>(null)
  const [view, setView] = useState({ top: 0, height: 600 })
  const whole = rows * rowHeight
  const height = Math.min(whole, tallest)
  /** Pixels of the list for one of the bar. */
  const scale = whole <= tallest ? 1 : (whole - view.height) / Math.max(1, height - view.height)

  const look = (): void => {
    const { scrollTop = 0, clientHeight = 600 } = element.current ?? {}
    setView({ top: scrollTop, height: clientHeight })
  }
  useEffect(() => {
    look()
    const observer = new ResizeObserver(look)
    if (element.current !== null) observer.observe(element.current)
    return () => observer.disconnect()
  }, [])
  useLayoutEffect(() => {
    const one = element.current
    if (one === null || shownRow === undefined) return
    const [top, from] = [shownRow * rowHeight, one.scrollTop * scale]
    if (top < from || top + rowHeight > from + one.clientHeight - 40)
      one.scrollTop = Math.max(0, (top - one.clientHeight / 2) / scale)
    look()
  }, [shownRow, rows])

  const first = Math.max(0, Math.floor((view.top * scale) / rowHeight) - overscan)
  const count = Math.min(rows - first, Math.ceil(view.height / rowHeight) + 2 * overscan)
  const top = scale === 1 ? first * rowHeight : view.top - (view.top * scale - first * rowHeight)
  return (
    <div
      class="windowed"
      ref={element}
      role="group"
      aria-label={label}
      tabIndex={0}
      onScroll={look}
      onKeyDown={onKeyDown}
    >
      {header}
      <div class="whole" style={{ height: `${height}px` }}>
        {children(first, Math.max(0, count), top)}
      </div>
    </div>
  )
}

/** Rows beyond what can be seen, on each side. */
const overscan = 8
