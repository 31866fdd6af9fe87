import { expect, test, vi } from 'vitest';
import { Ending } from './ending.ts';

test('what was started last ends first, once, and a step that fails keeps nothing from ending', async () => {
  const told = vi.spyOn(console, 'error').mockImplementation(() => {});
  const done: string[] = [];
  const ending = new Ending();
  ending.add(async (failed) => {
    done.push(`engines ${failed}`);
  });
  ending.add(() => {
    throw new Error('it was gone');
  });
  ending.add(() => done.push('load'));
  await Promise.all([ending.run(true), ending.run(false)]);
  expect(done).toEqual(['load', 'engines true']);
  expect(told).toHaveBeenCalledWith('while ending: it was gone');
  told.mockRestore();
});
