type Known<Key, Value> = { get(key: Key): Value | undefined; set(key: Key, value: Value): unknown }

export function getOrMake<Key, Value>(map: Known<Key, Value>, key: Key, make: () => NoInfer<Value>): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
