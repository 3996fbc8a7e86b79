// biome-ignore lint/style/noRestrictedImports: here they are made safe
import { useCallback, useLayoutEffect, useRef, useState as useStateOfHono } from 'hono/jsx/dom'

/**
 * Two hooks of hono, made safe for components that go. Its own `useEffect` runs a frame later, even for a component that
 * has gone or has other dependencies by then, and whatever that began is never ended. Its own `useState` draws a
 * component that has gone once more.
 */

/** Runs once the component is drawn, and ends when its dependencies change or it goes. */
export const useEffect: typeof useLayoutEffect = useLayoutEffect

/** A state that is left alone once the component has gone. */
export function useState<State>(initial: State | (() => State)) {
  const [state, set] = useStateOfHono(initial)
  const isGone = useRef(false)
  useLayoutEffect(
    () => () => {
      isGone.current = true
    },
    [],
  )
  const setIfThere = useCallback((next: State | ((current: State) => State)) => {
    if (!isGone.current) set(next)
  }, [])
  return [state, setIfThere] as const
}
