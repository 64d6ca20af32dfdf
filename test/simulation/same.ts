/** Whether two values are the same plain data, to their depths. Instances of classes are the same only if they are one. */
export const isSame = (one: unknown, other: unknown): boolean => {
  if (Object.is(one, other)) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (Array.isArray(one))
    return (
      Array.isArray(other) && one.length === other.length && one.every((value, index) => isSame(value, other[index]))
    )
  const prototype = Object.getPrototypeOf(one)
  if (prototype !== Object.getPrototypeOf(other) || prototype !== Object.prototype) return false
  const left = one as Readonly<Record<string, unknown>>
  const right = other as Readonly<Record<string, unknown>>
  const names = Object.keys(left)
  return (
    names.length === Object.keys(right).length && names.every(name => name in right && isSame(left[name], right[name]))
  )
}
