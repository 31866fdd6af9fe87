/**
 * The key under which a tick travels. A tick has none for the pipeline, but a compacted topic refuses records without
 * a key; with this one it keeps the newest tick only, and as a tick has no value, not even that for long.
 */
export const TICK_KEY = Buffer.from('ebap-tick');
