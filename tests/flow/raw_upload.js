// A peer that keeps no promise: sends whatever it is told through the calls of a Sealroom server.
//
//     node raw_upload.js HOST:PORT CA
//
// One JSON command a line on standard input, one JSON answer a line on standard output, in the order in
// which the calls end:
//
//     {"id": 7, "certificate": FILE, "key": FILE, "method": "TableService/Upload", "steps": […]}
//     {"id": 7, "answers": […], "code": 3, "status": "INVALID_ARGUMENT", "message": "…", "errorInfo": {…}}
//
// Steps, in order:
//     {"send": {…}}            a request message, as JSON; bytes are base64
//     {"raw": BASE64}          bytes that need not be a message
//     {"commit": {…}}          an upload's commit; rows and digest are those of the batches sent, where left out
//     {"wait": N}              until N answers have come, or the call is over
//     {"tell": true}           a line {"id": 7, "told": true} on standard output, at once
//     {"sleep": MS}
//     {"repeat": N, "steps": […]}
//     {"cancel": true}         the caller goes away
//     {"end": true}            no more requests
// NODE_PATH points to scripts/npm/node_modules.
'use strict';

process.noDeprecation = true; // an IP address as TLS server name, which loopback tests need

const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const readline = require('readline');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');
const protobuf = require('protobufjs');

const PROTO = path.resolve(__dirname, '..', '..', 'proto');
const DEADLINE_MS = 40000;
const [server, ca] = process.argv.slice(2);
const services = protoLoader.loadSync(
    ['collaboration', 'table', 'query', 'audit', 'overlap'].map((name) => `sealroom/v1/${name}.proto`),
    {includeDirs: [PROTO], keepCase: true, longs: String, bytes: String, defaults: true, oneofs: true});

const details = new protobuf.Root();
details.resolvePath = (origin, target) => path.join(PROTO, target);
details.loadSync(['google/rpc/status.proto', 'google/rpc/error_details.proto']);

const clients = new Map();

function clientFor(certificate, key) {
  if (!clients.has(certificate)) {
    const credentials = grpc.credentials.createSsl(fs.readFileSync(ca), fs.readFileSync(key), fs.readFileSync(certificate));
    clients.set(certificate, new grpc.Client(server, credentials, {'grpc.max_receive_message_length': -1}));
  }
  return clients.get(certificate);
}

function errorInfo(metadata) {
  const trailers = metadata ? metadata.get('grpc-status-details-bin') : [];
  if (trailers.length === 0)
    return null;
  const any = details.lookupType('google.rpc.Status').decode(trailers[0]).details[0];
  return any ? details.lookupType('google.rpc.ErrorInfo').decode(any.value).toJSON() : null;
}

// Requests travel as bytes; the promise is of the call's end.
function open(command) {
  const slash = command.method.indexOf('/');
  const definition = services[`sealroom.v1.${command.method.slice(0, slash)}`][command.method.slice(slash + 1)];
  const call = {id: command.id, definition, answers: [], over: false, rows: 0, digest: crypto.createHash('sha256'), changed: () => {}};
  call.stream = clientFor(command.certificate, command.key).makeBidiStreamRequest(
      definition.path, (bytes) => bytes, definition.responseDeserialize, new grpc.Metadata(),
      {deadline: Date.now() + (command.deadline_ms || DEADLINE_MS)});
  call.stream.on('data', (answer) => { call.answers.push(answer); call.changed(); });
  call.stream.on('error', () => {});
  call.ended = new Promise((resolve) => call.stream.on('status', (status) => {
    call.over = true;
    call.changed();
    resolve(status);
  }));
  return call;
}

function until(call, condition) {
  return new Promise((resolve) => {
    call.changed = () => { if (call.over || condition()) resolve(); };
    call.changed();
  });
}

async function write(call, bytes) {
  if (call.over || call.stream.destroyed || call.stream.writableEnded)
    return;
  if (!call.stream.write(bytes))
    await Promise.race([new Promise((resolve) => call.stream.once('drain', resolve)), call.ended]);
}

async function send(call, message) {
  const bytes = call.definition.requestSerialize(message);
  if (message.batch) {
    call.rows += message.batch.rows || 0;
    call.digest.update(bytes);
  }
  await write(call, bytes);
}

async function commit(call, given) {
  const known = {rows: call.rows, digest: call.digest.copy().digest('base64')};
  await send(call, {commit: {...known, ...given}});
}

async function run(call, steps) {
  for (const step of steps) {
    if (step.send)
      await send(call, step.send);
    else if (step.raw !== undefined)
      await write(call, Buffer.from(step.raw, 'base64'));
    else if (step.commit)
      await commit(call, step.commit);
    else if (step.wait)
      await until(call, () => call.answers.length >= step.wait);
    else if (step.tell)
      console.log(JSON.stringify({id: call.id, told: true}));
    else if (step.sleep)
      await new Promise((resolve) => setTimeout(resolve, step.sleep));
    else if (step.cancel)
      call.stream.cancel();
    else if (step.end)
      call.stream.end();
    for (let i = 0; i < (step.repeat || 0) && !call.over; i++)
      await run(call, step.steps);
  }
}

async function serve(command) {
  const call = open(command);
  await run(call, command.steps);
  if (!call.stream.writableEnded && !call.over)
    call.stream.end();
  const status = await call.ended;
  process.stdout.write(JSON.stringify({
    id: command.id,
    answers: call.answers,
    code: status.code,
    status: grpc.status[status.code],
    message: status.details,
    errorInfo: errorInfo(status.metadata),
  }) + '\n');
}

const lines = readline.createInterface({input: process.stdin});
const running = new Set();
lines.on('line', (line) => {
  const one = serve(JSON.parse(line)).catch((error) => {
    process.stdout.write(JSON.stringify({id: JSON.parse(line).id, code: -1, status: 'DRIVER', message: String(error), answers: []}) + '\n');
  });
  running.add(one);
  one.then(() => running.delete(one));
});
lines.on('close', async () => {
  await Promise.all(running);
  for (const client of clients.values())
    client.close();
});
