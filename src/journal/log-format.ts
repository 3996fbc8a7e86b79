/** Apart from the log itself, whose types need those of Node. */
export type LogFormat = 'pretty' | 'json' | 'silent'
