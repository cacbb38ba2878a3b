import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What happens to a request. */
export type Fate =
  | 'pass'
  /** The storage says so, without having done anything. */
  | { status: number; body?: string }
  /** Nothing happens before this, as on a slow way; then its fate is decided anew. */
  | { until: Promise<void> }
  /** The connection ends in the middle of the request's body, or before the answer. */
  | 'cut'
  /** The request is done, but the answer never arrives. */
  | 'lose-answer';

/** One request as it was on the wire. */
export interface Recorded { method: string; url: string; headers: http.IncomingHttpHeaders; body: Buffer; status?: number }

/** Between browser and server, on loopback: writes down everything that is sent, and does what storms do. */
export class Proxy {
  readonly record: Recorded[] = [];
  /** Decides each request's fate when its head has come. */
  fate: (request: { method: string; url: string; number: number }) => Fate = () => 'pass';
  /** Changes the head of an answer on its way back. */
  alter: (headers: http.IncomingHttpHeaders) => void = () => undefined;
  /** Changes the body of an answer of that kind on its way back. */
  rewrite: { url: string; change: (body: string) => string } | undefined;
  /** Whether bodies are kept. */
  keepBodies = false;

  private readonly sockets = new Set<Socket>();
  private server = this.build();
  private count = 0;

  private constructor(private target: string) {}

  static async start(target: string): Promise<Proxy> {
    const proxy = new Proxy(target);
    await proxy.listen(0);
    return proxy;
  }

  get url(): string { return `http://127.0.0.1:${this.port}`; }
  get port(): number { return this.lastPort; }
  private lastPort = 0;

  /** Nobody listens here any more; what was under way is cut. */
  async away(): Promise<void> {
    const closed = new Promise<void>((done) => this.server.close(() => done()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** Listens again where it did. */
  async back(): Promise<void> {
    this.server = this.build();
    await this.listen(this.lastPort);
  }

  private listen(port: number): Promise<void> {
    return new Promise((done, failed) => {
      this.server.once('error', failed);
      this.server.listen(port, '127.0.0.1', () => {
        this.lastPort = (this.server.address() as AddressInfo).port;
        done();
      });
    });
  }

  private build(): http.Server {
    const server = http.createServer((request, response) => this.handle(request, response));
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    return server;
  }

  private handle(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { method = 'GET', url = '/' } = request;
    const recorded: Recorded = { method, url, headers: request.headers, body: Buffer.alloc(0) };
    this.record.push(recorded);
    const parts: Buffer[] = [];
    if (this.keepBodies) {
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => { recorded.body = Buffer.concat(parts); });
    }
    this.decide(request, response, recorded);
  }

  private decide(request: http.IncomingMessage, response: http.ServerResponse, recorded: Recorded): void {
    const fate = this.fate({ method: recorded.method, url: recorded.url, number: this.count++ });
    if (fate === 'pass' || fate === 'lose-answer') this.forward(request, response, recorded, fate === 'lose-answer');
    else if (fate === 'cut') cut(request);
    else if ('until' in fate) void fate.until.then(() => this.decide(request, response, recorded));
    else answer(request, response, recorded, fate);
  }

  private forward(request: http.IncomingMessage, response: http.ServerResponse, recorded: Recorded, loseAnswer: boolean): void {
    const onward = http.request(new URL(recorded.url, this.target), { method: recorded.method, headers: request.headers }, (answer) => {
      recorded.status = answer.statusCode;
      if (loseAnswer) {
        answer.resume().once('end', () => request.socket.destroy());
        return;
      }
      this.alter(answer.headers);
      if (recorded.url === this.rewrite?.url) return changeBody(answer, response, this.rewrite.change);
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => request.socket.destroy());
    response.on('close', () => { if (!response.writableEnded) onward.destroy(); });
    request.pipe(onward);
  }
}

function changeBody(answer: http.IncomingMessage, response: http.ServerResponse, change: (body: string) => string): void {
  const parts: Buffer[] = [];
  answer.on('data', (part: Buffer) => parts.push(part));
  answer.on('end', () => {
    const body = Buffer.from(change(Buffer.concat(parts).toString()));
    response.writeHead(answer.statusCode ?? 502, { ...answer.headers, 'content-length': body.length }).end(body);
  });
}

/** After the first part of the body, if there is one. */
function cut(request: http.IncomingMessage): void {
  request.once('data', () => request.socket.destroy());
  request.once('end', () => request.socket.destroy());
}

function answer(request: http.IncomingMessage, response: http.ServerResponse, recorded: Recorded, { status, body = '' }: { status: number; body?: string }): void {
  recorded.status = status;
  request.resume().once('end', () => response.writeHead(status, { 'content-type': 'application/json' }).end(body));
}
