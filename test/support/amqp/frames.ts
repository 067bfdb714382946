/** The frames of AMQP 0-9-1, as far as a scripted broker needs them. */

export const uint16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
};

export const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

export const uint64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
};

export const shortString = (text: string): Buffer =>
  Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)]);

export const longString = (text: string): Buffer => Buffer.concat([uint32(Buffer.byteLength(text)), Buffer.from(text)]);

const END = 0xce;

export const FRAME = { method: 1, header: 2, body: 3, heartbeat: 8 } as const;

export interface Frame {
  readonly type: number;
  readonly channel: number;
  readonly payload: Buffer;
}

export function frame(type: number, channel: number, payload: Buffer): Buffer {
  const head = Buffer.concat([Buffer.from([type]), uint16(channel), uint32(payload.length)]);
  return Buffer.concat([head, payload, Buffer.from([END])]);
}

/** The frame of a method, which is named by its class and its number: '60.80'. */
export function method(channel: number, name: string, ...fields: readonly Buffer[]): Buffer {
  const numbers = name.split('.').map((one) => uint16(Number(one)));
  return frame(FRAME.method, channel, Buffer.concat([...numbers, ...fields]));
}

/** The text of a short string at an offset of a payload. */
export function readShortString(payload: Buffer, offset: number): string {
  return payload.toString('utf8', offset + 1, offset + 1 + payload.readUInt8(offset));
}

/** Takes whole frames out of what has arrived; the rest waits for more. */
export function createFrameReader(onFrame: (frame: Frame) => void, onHeader: () => void): (bytes: Buffer) => void {
  let waiting = Buffer.alloc(0);
  let isGreeted = false;
  return (bytes) => {
    waiting = Buffer.concat([waiting, bytes]);
    if (!isGreeted && waiting.length >= 8) {
      isGreeted = true;
      waiting = waiting.subarray(8);
      onHeader();
    }
    while (isGreeted && waiting.length >= 8) {
      const end = 8 + waiting.readUInt32BE(3);
      if (waiting.length < end) return;
      const one = {
        type: waiting.readUInt8(0),
        channel: waiting.readUInt16BE(1),
        payload: waiting.subarray(7, end - 1),
      };
      waiting = waiting.subarray(end);
      onFrame(one);
    }
  };
}
