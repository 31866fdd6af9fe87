import { Decoder, Encoder, type Packet, PacketType } from 'socket.io-parser';

/** JSON text made once and put into many messages: a topic's payload for all who listen to it. */
export class EncodedPayload {
  readonly text: string;

  constructor(value: unknown) {
    this.text = JSON.stringify(value);
  }
}

interface Message extends Readonly<Record<string, unknown>> {
  readonly payload: EncodedPayload;
}

/** The standard wire format; payloads that are encoded already are put in as they are. */
class LiveEncoder extends Encoder {
  override encode(packet: Packet): (string | Buffer)[] {
    const data: readonly unknown[] = packet.type === PacketType.EVENT && Array.isArray(packet.data) ? packet.data : [];
    const [event, message] = data;
    if (!isEncoded(message)) return super.encode(packet);
    const { payload, ...head } = message;
    const namespace = packet.nsp === '/' ? '' : `${packet.nsp},`;
    const open = JSON.stringify(head).slice(0, -1);
    return [`${PacketType.EVENT}${namespace}[${JSON.stringify(event)},${open},"payload":${payload.text}}]`];
  }
}

function isEncoded(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && 'payload' in value && value.payload instanceof EncodedPayload;
}

/** For socket.io's `parser` option: clients use the standard one. */
export const liveParser = { Encoder: LiveEncoder, Decoder };
