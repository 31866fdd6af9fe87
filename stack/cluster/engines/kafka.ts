import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePrivateFolder } from '../../start/secrets.ts';
import { logHolds } from '../process/logFile.ts';
import { runTool } from '../process/runTool.ts';
import { renderProperties } from '../properties.ts';
import { ClassArchive } from './classArchive.ts';
import type { EngineContext } from './context.ts';
import { emptyFolder, javaArguments, javaEnvironment, javaOf, LOG_OPTIONS } from './java.ts';
import { KAFKA_USERS, kafkaProperties } from './kafkaProperties.ts';
import { caFileIn, ensureKafkaTls } from './kafkaTls.ts';
import { ProcessEngine } from './processEngine.ts';

/** Where an instance's files lie. */
function filesIn(dir: string) {
  return {
    dir,
    logs: join(dir, 'logs'),
    /** Written when the storage is formatted whole. */
    formatted: join(dir, 'formatted'),
    properties: join(dir, 'server.properties'),
    tls: join(dir, 'tls'),
    temp: join(dir, 'temp'),
  };
}

export const kafkaDir = ({ dataDir }: EngineContext): string => join(dataDir, 'kafka');
export const kafkaCaFile = (context: EngineContext): string => caFileIn(filesIn(kafkaDir(context)).tls);
export const kafkaPassword = ({ secrets }: EngineContext, user: string): string => secrets.password(`kafka-${user}`);

/** Apache Kafka: one broker that is its own controller. */
export function kafkaEngine(context: EngineContext): ProcessEngine {
  const { artifacts, heapMib } = context;
  const files = filesIn(kafkaDir(context));
  const logFile = context.logFile('kafka');
  let archive: ClassArchive | undefined;
  return new ProcessEngine({
    name: 'kafka',
    title: 'Kafka',
    needs: [],
    logFile,
    stopWithinMs: 40_000,
    async prepare() {
      const { jdk } = artifacts;
      const content = await artifacts.kafkaJars();
      const jars = join(content, '*');
      ensurePrivateFolder(files.dir);
      const tls = await ensureKafkaTls(files.tls, jdk, context.secrets.password('kafka-keystore'));
      const properties = renderProperties(kafkaProperties(context.ports, files.logs, tls));
      writeFileSync(files.properties, properties, { mode: 0o600 });
      archive = new ClassArchive(jdk, content, files.dir);
      await ensureFormatted(context, files, jars, archive);
      const main = ['-cp', jars, 'kafka.Kafka', files.properties];
      // The one line that says that every listener answers.
      const options = [
        ...archive.options(),
        ...LOG_OPTIONS,
        '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
      ];
      const args = javaArguments({ jdk, heapMib: heapMib.kafka, tempDir: emptyFolder(files.temp), options, main });
      return { program: javaOf(jdk), args, cwd: files.dir, env: javaEnvironment(jdk) };
    },
    isReady: async () => logHolds(logFile, 'Kafka Server started'),
    afterStop: () => archive?.keep(),
  });
}

/** Formats the storage once, with the passwords of the users; one that was cut off is made anew. */
async function ensureFormatted(
  context: EngineContext,
  files: ReturnType<typeof filesIn>,
  jars: string,
  archive: ClassArchive,
): Promise<void> {
  if (existsSync(files.formatted)) return;
  const { jdk } = context.artifacts;
  rmSync(files.logs, { recursive: true, force: true });
  const argumentFile = join(files.dir, 'format-arguments');
  const users = KAFKA_USERS.flatMap((user) => [
    '--add-scram',
    `SCRAM-SHA-512=[name=${user},password=${kafkaPassword(context, user)}]`,
  ]);
  // In a file, for the arguments of a process can be read by everybody.
  writeFileSync(
    argumentFile,
    ['format', '--cluster-id', clusterId(), '--config', files.properties, ...users].join('\n'),
    { mode: 0o600 },
  );
  try {
    const main = ['-cp', jars, 'kafka.tools.StorageTool', `@${argumentFile}`];
    const tempDir = emptyFolder(files.temp);
    const options = [...archive.optionsToUse(), ...LOG_OPTIONS];
    const args = javaArguments({ jdk, heapMib: 128, tempDir, options, main });
    await runTool(javaOf(jdk), args, { env: javaEnvironment(jdk), cwd: files.dir });
  } finally {
    rmSync(argumentFile, { force: true });
  }
  writeFileSync(files.formatted, '', { mode: 0o600 });
}

/** 16 random bytes as Kafka writes them; it refuses one that begins like an option. */
function clusterId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? clusterId() : id;
}
