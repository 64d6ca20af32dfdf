/** Numbers as text. */

export const number = (value: number | undefined, digits: number): string =>
  value === undefined
    ? ''
    : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })

/** Of a ratio: what matters of it. */
export const ratio = (value: number): string => value.toFixed(value >= 10 ? 0 : value >= 1 ? 1 : value >= 0.1 ? 2 : 3)

export const percent = (share: number): string => `${Math.round(share * 100)} %`
