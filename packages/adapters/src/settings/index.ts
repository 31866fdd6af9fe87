export type {
  CaptureSettings,
  ClusterSettings,
  KafkaEngineSettings,
  RedisEngineSettings,
  SignIn,
} from './clusterSettings.ts';
export { type Environment, EnvironmentReader } from './environment.ts';
export { isLoopback, loadSettings, type OidcSettings, type Profile, type Secrets, type Settings } from './settings.ts';
