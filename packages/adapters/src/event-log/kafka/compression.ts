import { gunzipSync, gzipSync, constants as zlib, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { AppError } from '@ebap/pipeline/errors';
import { compressionsAlgorithms } from '@platformatic/kafka';
import kafkajs from 'kafkajs';
import type { KafkaCompression } from './options.ts';

/** What one batch may unpack to: bounds what a hostile producer can do with a small record batch. */
const MAX_UNPACKED_BYTES = 256 * 1024 * 1024;
/** The level that keeps up with the log; higher ones win a few percent for a multiple of the time. */
const ZSTD_OPTIONS = { params: { [zlib.ZSTD_c_compressionLevel]: 1 } };
const GZIP_OPTIONS = { level: 1 };

type Unpack = (packed: Buffer) => Buffer;

/** By the codec bits of a record batch's attributes. */
const UNPACK: readonly (Unpack | undefined)[] = [
  undefined, // not compressed
  (packed) => gunzipSync(packed, { maxOutputLength: MAX_UNPACKED_BYTES }),
  (packed) => compressionsAlgorithms.snappy.decompressSync(packed),
  (packed) => compressionsAlgorithms.lz4.decompressSync(packed),
  (packed) => zstdDecompressSync(packed, { maxOutputLength: MAX_UNPACKED_BYTES }),
];

/**
 * The records of a compressed batch.
 * @param codec the codec bits of the batch's attributes, not 0
 * @throws AppError `corrupt_data` when they can't be unpacked
 */
export function unpackRecords(codec: number, packed: Buffer): Buffer {
  const unpack = UNPACK[codec];
  if (unpack === undefined) throw new AppError('corrupt_data', `A record batch has the unknown codec ${codec}.`);
  try {
    return unpack(packed);
  } catch (cause) {
    throw new AppError('corrupt_data', 'The records of a batch can not be unpacked.', { cause, context: { codec } });
  }
}

type Encoder = { readonly buffer: Buffer };
type Codec = () => { compress(encoder: Encoder): Promise<Buffer>; decompress(packed: Buffer): Promise<Buffer> };

function codec(type: number, compress: Unpack): Codec {
  const implementation = {
    compress: async ({ buffer }: Encoder) => compress(buffer),
    decompress: async (packed: Buffer) => unpackRecords(type, packed),
  };
  return () => implementation;
}

const { CompressionCodecs, CompressionTypes } = kafkajs;
const TYPES: Readonly<Record<KafkaCompression, number>> = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

/** Teaches kafkajs the codecs it does not bring; returns its name of one. */
export function kafkajsCompression(compression: KafkaCompression): number {
  CompressionCodecs[CompressionTypes.GZIP] = codec(TYPES.gzip, (raw) => gzipSync(raw, GZIP_OPTIONS));
  CompressionCodecs[CompressionTypes.LZ4] = codec(TYPES.lz4, (raw) => compressionsAlgorithms.lz4.compressSync(raw));
  CompressionCodecs[CompressionTypes.ZSTD] = codec(TYPES.zstd, (raw) => zstdCompressSync(raw, ZSTD_OPTIONS));
  return TYPES[compression];
}
