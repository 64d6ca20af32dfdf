/** What the doctor found, one thing each. */
export interface Finding {
  /** What was looked at. */
  readonly about: string
  /** `fail`: the server cannot do its work so. `warn`: it can, but not for everybody, or not for long. */
  readonly grade: 'fail' | 'ok' | 'warn'
  readonly text: string
  /** What to do about it. */
  readonly advice?: string
}

/** Findings about one thing. */
export const findingsAbout = (about: string) => {
  const found =
    (grade: Finding['grade']) =>
    (text: string, advice?: string): Finding => ({ about, grade, text, ...(advice === undefined ? {} : { advice }) })
  return { ok: found('ok'), warn: found('warn'), fail: found('fail') }
}
