/** The form in which capsules are written. A change that an older sandbox would read wrongly is a new one. */
export const FORMAT = 2
