/** `node starter.ts <options as JSON>`: starts the database, prints its URL or its fault, stops when stdin says so. */
import { AppError } from '@ebap/pipeline/errors';
import { startEmbeddedPostgres } from '../index.ts';

const options = JSON.parse(process.argv[2] ?? '{}');
try {
  const postgres = await startEmbeddedPostgres(options);
  process.stdout.write(`${JSON.stringify({ url: postgres.url(), uid: process.getuid?.() })}\n`);
  process.stdin.once('data', async () => {
    await postgres.stop();
    process.stdout.write(`${JSON.stringify({ stopped: true })}\n`);
    process.stdin.destroy();
  });
} catch (error) {
  const code = error instanceof AppError ? error.code : 'unmapped';
  process.stdout.write(
    `${JSON.stringify({ code, message: error instanceof Error ? error.message : String(error) })}\n`,
  );
  process.exitCode = 1;
}
