/** Under which name a store notes up to when it has roll-ups of this length. */
export const tierName = (spanMs: number): string => `rolled_up_to_by_${spanMs}`
