/** The browser's side of the sockets, for tests and benchmarks outside this app. */
export { io, type Socket } from 'socket.io-client';
