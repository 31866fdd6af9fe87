/** Request header by which the server in front of the pages hands them the nonce of their Content-Security-Policy. */
export const NONCE_HEADER = 'x-nonce';
