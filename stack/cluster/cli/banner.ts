import { join } from 'node:path';
import type { Paint } from '../../terminal/index.ts';
import type { ClusterSettings } from '../settings.ts';
import type { ClusterPaths } from './paths.ts';

/** Where the engines answer, where their passwords and logs are. Holds no password. */
export function clusterBanner({ ports }: ClusterSettings, { engines }: ClusterPaths, paint: Paint): string {
  const rows: readonly (readonly [string, string])[] = [
    ['Kafka', `127.0.0.1:${ports.kafka}   TLS and sign-in: 127.0.0.1:${ports.kafkaSaslSsl}`],
    ['Schema Registry', `http://127.0.0.1:${ports.registry}/apis/ccompat/v7`],
    ['Kafka Connect', `http://127.0.0.1:${ports.connect}`],
    ['Redis', `127.0.0.1:${ports.redis}`],
    ['PostgreSQL', `127.0.0.1:${ports.platform} (platform)   127.0.0.1:${ports.source} (source)`],
    ['Passwords', join(engines, 'secrets')],
    ['Logs', join(engines, 'logs')],
  ];
  const lines = rows.map(([label, text]) => `${paint('dim', label.padEnd(16))} ${text}`);
  return [paint('bold', 'Its engines'), ...lines, ''].join('\n');
}
