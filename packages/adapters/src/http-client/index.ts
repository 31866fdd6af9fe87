/** A small client for the JSON-over-HTTP interfaces of other services. */
export {
  type HttpCredentials,
  type HttpEndpoint,
  HttpJsonClient,
  type JsonAnswer,
  type JsonCall,
} from './httpJsonClient.ts';
export { isRecord } from './json.ts';
