import { useRef } from 'hono/jsx/dom'
import uPlot from 'uplot'
import type { OperationLatency } from './control-answers.js'
import { useEffect } from './hooks.js'
import { NAMES, percentagesOf, SERIES } from './percentiles.js'

const LEAST_MS = 0.001
const HEIGHT = 300

/** Each nine as wide as the one before it, so that the tail can be read. */
const place = (percentage: string) => -Math.log10(1 - Number(percentage) / 100)

/** One row a series: its delays at each percentage. The last one is the recommended timeout, the same at all of them. */
function dataOf(latency: OperationLatency): uPlot.AlignedData {
  const percentages = percentagesOf(latency)
  const rows = NAMES.map((name) => percentages.map((percentage) => SERIES[name](latency)?.[percentage] ?? null))
  const timeout = percentages.map(() => latency.recommendedTimeoutMs)
  const drawable = [...rows, timeout].map((row) => row.map((value) => value && Math.max(LEAST_MS, value)))
  return [percentages.map(place), ...drawable]
}

/** What the chart shows, in words, from the data that it draws. */
function words(data: uPlot.AlignedData, percentages: readonly string[]): string {
  const [, ...rows] = data
  return [...NAMES, 'recommended timeout']
    .map((name, i) => {
      const points = percentages.flatMap((percentage, at) => {
        const value = rows[i]![at]
        return value === null || value === undefined ? [] : [`p${percentage} ${value}`]
      })
      return `${name}: ${points.join(', ') || 'none'}`
    })
    .join('; ')
}

/** Percentiles as steps on logarithmic axes. */
export function Chart({ operation, latency }: { operation: string; latency: OperationLatency }) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const percentages = percentagesOf(latency)
  const data = dataOf(latency)

  useEffect(() => {
    const element = box.current!
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    const draw = () => {
      plot.current?.destroy()
      plot.current = new uPlot(optionsOf(element, percentages), data, element)
    }
    scheme.addEventListener('change', draw)
    // First when it is laid out: before that it has neither a width nor colours.
    const resized = new ResizeObserver(() =>
      plot.current ? plot.current.setSize({ width: element.clientWidth, height: HEIGHT }) : draw(),
    )
    resized.observe(element)
    return () => {
      resized.disconnect()
      scheme.removeEventListener('change', draw)
      plot.current?.destroy()
      plot.current = undefined
    }
  }, [operation, percentages.join()])
  useEffect(() => plot.current?.setData(data), [latency])

  const label = `Delays of ${operation} in ms. ${words(data, percentages)}`
  return <div class="chart" ref={box} role="img" aria-label={label} />
}

function optionsOf(element: HTMLElement, percentages: readonly string[]): uPlot.Options {
  const style = getComputedStyle(element)
  // A canvas knows no variables, and none of two schemes.
  const colour = (name: string) => {
    element.style.color = `var(--${name})`
    return style.color
  }
  const places = percentages.map(place)
  const steps = uPlot.paths.stepped!({ align: -1 })
  const axis = {
    stroke: colour('quiet'),
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
    font: `11px ${style.fontFamily}`,
  }
  const series = NAMES.map((name) => ({
    label: name,
    stroke: colour(name),
    width: name === 'measured' ? 2.5 : 1.5,
    dash: name === 'configured' ? [6, 4] : [],
    paths: steps,
    points: { show: true, size: 5, fill: colour(name) },
    spanGaps: true,
  }))
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: () => [Math.min(0.2, ...places), Math.max(...places, 1) + 0.15] },
      y: { distr: 3, range: (_, min, max) => [(min ?? 1) / 1.5, (max ?? 10) * 1.5] },
    },
    axes: [
      { ...axis, size: 28, splits: () => places, values: () => percentages.map((percentage) => `p${percentage}`) },
      { ...axis, size: 52, splits: (_u, _i, min, max) => decades(min, max), values: (_, values) => values.map(String) },
    ],
    series: [
      {},
      ...series,
      { label: 'recommended timeout', stroke: colour('bad'), width: 1, dash: [2, 3], points: { show: false } },
    ],
  }
}

function decades(min: number, max: number): number[] {
  const [from, to] = [Math.ceil(Math.log10(min)), Math.floor(Math.log10(max))]
  return Array.from({ length: to - from + 1 }, (_, i) => Number(`1e${from + i}`))
}
