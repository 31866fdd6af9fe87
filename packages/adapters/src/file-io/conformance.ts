import type { FileIO } from '@ebap/pipeline/ports';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { codeOf } from '../testing/codeOf.ts';

/** An empty store for one test. */
export type FileIOFactory = () => Promise<{ readonly files: FileIO; dispose(): Promise<void> }>;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);

/** What every adapter of the port `FileIO` does. */
export function describeFileIO(name: string, factory: FileIOFactory): void {
  describe(`FileIO: ${name}`, () => {
    let files: FileIO;
    let dispose: () => Promise<void>;

    beforeEach(async () => {
      const made = await factory();
      files = made.files;
      dispose = () => made.dispose();
    });
    afterEach(() => dispose());

    async function names(prefix: string): Promise<string[]> {
      const found: string[] = [];
      for await (const file of files.list(prefix)) found.push(file.name);
      return found;
    }

    test('reads back what was written, chunk after chunk', async () => {
      expect(await files.write('a/b/c.bin', [bytes('one '), new Uint8Array(0), bytes('two')])).toEqual({ bytes: 7 });
      expect(text(await files.read('a/b/c.bin'))).toBe('one two');
    });

    test('an empty file is a file', async () => {
      await files.write('empty', []);
      expect((await files.read('empty')).length).toBe(0);
      expect(await names('')).toEqual(['empty']);
    });

    test('a name is written once: the second write is a conflict and changes nothing', async () => {
      await files.write('state/1', [bytes('first')]);
      expect(await codeOf(files.write('state/1', [bytes('second')]))).toBe('conflict');
      expect(text(await files.read('state/1'))).toBe('first');
    });

    test('of many writers of one name exactly one wins', async () => {
      const codes = await Promise.all(
        Array.from({ length: 8 }, (_, i) => codeOf(files.write('race', [bytes(`writer ${i}`)]))),
      );
      expect(codes.filter((code) => code === 'ok')).toHaveLength(1);
      expect(codes.filter((code) => code === 'conflict')).toHaveLength(7);
      expect(text(await files.read('race'))).toBe(`writer ${codes.indexOf('ok')}`);
    });

    test('what is not there is `not_found`', async () => {
      expect(await codeOf(files.read('nothing/here'))).toBe('not_found');
    });

    test('removing is idempotent, and frees the name', async () => {
      await files.write('x/y', [bytes('1')]);
      await files.remove('x/y');
      await files.remove('x/y');
      expect(await codeOf(files.read('x/y'))).toBe('not_found');
      await files.write('x/y', [bytes('2')]);
      expect(text(await files.read('x/y'))).toBe('2');
    });

    test('lists by prefix, in the order of the names, with sizes and times', async () => {
      const before = Date.now() - 5_000;
      for (const name of ['b/2', 'a/10', 'a.b', 'a/1', 'ab/c', 'a/1/deeper=x', 'b-x']) {
        if (name !== 'a/1') await files.write(name, [bytes(name)]);
      }
      expect(await names('')).toEqual(['a.b', 'a/1/deeper=x', 'a/10', 'ab/c', 'b-x', 'b/2']);
      expect(await names('a/')).toEqual(['a/1/deeper=x', 'a/10']);
      expect(await names('a/1')).toEqual(['a/1/deeper=x', 'a/10']);
      expect(await names('nothing')).toEqual([]);
      for await (const file of files.list('a/10')) {
        expect(file.bytes).toBe(4);
        expect(file.modifiedMs).toBeGreaterThan(before);
      }
    });

    test.each(['../x', 'a/../b', '/etc/passwd', 'a//b', 'a/', '.', '..', '', 'a b', 'ü', 'a\0b', 'a\\b'])(
      'the name %j is refused',
      async (name) => {
        expect(await codeOf(files.write(name, [bytes('x')]))).toBe('bad_request');
        expect(await codeOf(files.read(name))).toBe('bad_request');
        expect(await codeOf(files.remove(name))).toBe('bad_request');
      },
    );

    test('large files survive whole', async () => {
      const chunk = new Uint8Array(1_000_003).map((_, i) => i % 251);
      await files.write('large', [chunk, chunk, chunk]);
      const read = await files.read('large');
      expect(read.length).toBe(3 * chunk.length);
      expect(Buffer.compare(read.subarray(chunk.length, 2 * chunk.length), chunk)).toBe(0);
    });
  });
}
