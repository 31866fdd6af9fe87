/**
 * Kafka's default partitioner: murmur2 of the key's bytes, made positive, modulo the partition count.
 * Source: `org.apache.kafka.common.utils.Utils.murmur2`, seed 0x9747b28c.
 */
export function murmur2(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const m = 0x5bd1e995;
  const length = end - start;
  let h = 0x9747b28c ^ length;
  const words = length >> 2;
  let p = start;
  for (let i = 0; i < words; i++, p += 4) {
    let k =
      (bytes[p] as number) |
      ((bytes[p + 1] as number) << 8) |
      ((bytes[p + 2] as number) << 16) |
      ((bytes[p + 3] as number) << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    k = Math.imul(k, m);
    h = Math.imul(h, m) ^ k;
  }
  const rest = length & 3;
  if (rest === 3) h ^= (bytes[p + 2] as number) << 16;
  if (rest >= 2) h ^= (bytes[p + 1] as number) << 8;
  if (rest >= 1) h = Math.imul(h ^ (bytes[p] as number), m);
  h = Math.imul(h ^ (h >>> 13), m);
  return (h ^ (h >>> 15)) | 0;
}

/** The partition of a key (a slice of `bytes`) in a topic of `partitions` partitions. */
export function partitionFor(bytes: Uint8Array, partitions: number, start = 0, end = bytes.length): number {
  return (murmur2(bytes, start, end) & 0x7fffffff) % partitions;
}
