export { fileProbe, httpProbe, type ReadyProbe } from './readiness.ts';
export { type ProcessSpec, ServiceProcess } from './serviceProcess.ts';
export { type ServiceSpec, Supervisor, type SupervisorLog } from './supervisor.ts';
