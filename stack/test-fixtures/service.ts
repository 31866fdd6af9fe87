/** A service that does what its arguments say: stands in for the platform's programs in the supervisor's tests. */
import { spawn } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';

const [name = 'service', journal = '', ...behaviours] = process.argv.slice(2);
const note = (what: string) => appendFileSync(journal, `${name} ${what} ${process.pid}\n`);

note('started');
console.log(`${name} says hello`);
if (behaviours.includes('crash')) process.exit(3);
if (behaviours.includes('ready-file')) writeFileSync(`${journal}.${name}.ready`, '');
if (behaviours.includes('grandchild')) {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  note(`grandchild:${child.pid}`);
}
process.on('SIGTERM', () => {
  if (behaviours.includes('deaf')) return;
  note('stopped');
  process.exit(0);
});
setInterval(() => {}, 1_000);
