// A foreign client: @grpc/grpc-js against a Sealroom server, to show that the wire is plain gRPC.
//
//     node grpc_js_client.js HOST:PORT CA CERTIFICATE KEY health [SERVICE]
//     node grpc_js_client.js HOST:PORT CA CERTIFICATE KEY call SERVICE METHOD JSON-REQUEST
//
// CA, CERTIFICATE and KEY are PEM files; "-" for the last two presents no certificate. NODE_PATH points to
// scripts/npm/node_modules. A streaming method takes a JSON list of requests, and answers are printed
// as a list. Success prints {"response": …} and exits with 0; failure prints {"code", "status", "message",
// "errorInfo"} and exits with 1; wrong usage exits with 2.
'use strict';

process.noDeprecation = true; // an IP address as TLS server name, which loopback tests need

const fs = require('fs');
const path = require('path');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');
const protobuf = require('protobufjs');

const PROTO = path.resolve(__dirname, '..', '..', 'proto');
const DEADLINE_MS = 30000;
const LOADING = {includeDirs: [PROTO], keepCase: true, longs: String, enums: String, bytes: String, defaults: true,
                 oneofs: true};

function usage() {
  process.stderr.write('usage: grpc_js_client.js HOST:PORT CA CERTIFICATE KEY health|call …\n');
  process.exit(2);
}

// Every service of proto/ by its full name.
function loadServices() {
  const folder = path.join(PROTO, 'sealroom', 'v1');
  const own = fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => name.endsWith('.proto')) : [];
  const files = ['grpc/health/v1/health.proto', ...own.map((name) => `sealroom/v1/${name}`)];
  return protoLoader.loadSync(files, LOADING);
}

// google.rpc.ErrorInfo out of the binary trailer, or null.
function decodeErrorInfo(metadata) {
  const trailers = metadata ? metadata.get('grpc-status-details-bin') : [];
  if (trailers.length === 0)
    return null;
  const root = new protobuf.Root();
  root.resolvePath = (origin, target) => path.join(PROTO, target);
  root.loadSync(['google/rpc/status.proto', 'google/rpc/error_details.proto']);
  const status = root.lookupType('google.rpc.Status').decode(trailers[0]);
  const any = status.details.find((detail) => detail.type_url.endsWith('/google.rpc.ErrorInfo') ||
                                              (detail.typeUrl || '').endsWith('/google.rpc.ErrorInfo'));
  if (!any)
    return null;
  const info = root.lookupType('google.rpc.ErrorInfo').decode(any.value);
  return {reason: info.reason, domain: info.domain, metadata: info.metadata};
}

function fail(error) {
  const shown = {
    code: error.code,
    status: grpc.status[error.code] || 'UNKNOWN',
    message: error.details,
    errorInfo: decodeErrorInfo(error.metadata),
  };
  process.stdout.write(JSON.stringify(shown) + '\n');
  process.exitCode = 1;
}

function succeed(response) {
  process.stdout.write(JSON.stringify({response}) + '\n');
}

function credentials(ca, certificate, key) {
  const read = (file) => (file === '-' ? null : fs.readFileSync(file));
  return grpc.credentials.createSsl(fs.readFileSync(ca), read(key), read(certificate));
}

// The generic client knows all four kinds of method by their definition.
function call(client, definition, request) {
  const options = {deadline: Date.now() + DEADLINE_MS};
  const args = [definition.path, definition.requestSerialize, definition.responseDeserialize];
  const done = (error, response) => {
    client.close();
    return error ? fail(error) : succeed(response);
  };
  const metadata = new grpc.Metadata();
  const answers = [];
  const collect = (stream) => {
    let failed = false;
    stream.on('data', (message) => answers.push(message));
    stream.on('error', (error) => { failed = true; done(error); });
    stream.on('status', () => setImmediate(() => { if (!failed) done(null, answers); }));
  };
  const sendAll = (stream) => {
    for (const message of [].concat(request))
      stream.write(message);
    stream.end();
  };
  if (definition.requestStream && definition.responseStream) {
    const stream = client.makeBidiStreamRequest(...args, metadata, options);
    collect(stream);
    sendAll(stream);
  } else if (definition.requestStream)
    sendAll(client.makeClientStreamRequest(...args, metadata, options, done));
  else if (definition.responseStream)
    collect(client.makeServerStreamRequest(...args, request, metadata, options));
  else
    client.makeUnaryRequest(...args, request, metadata, options, done);
}

function main([server, ca, certificate, key, command, ...rest]) {
  const services = loadServices();
  let [service, method, json] = rest;
  if (command === 'health')
    [service, method, json] = ['grpc.health.v1.Health', 'Check', JSON.stringify({service: rest[0] || ''})];
  else if (command !== 'call' || rest.length !== 3)
    usage();
  const definition = services[service] && services[service][method];
  if (!definition) {
    process.stderr.write(`no method ${service}/${method} in proto/\n`);
    process.exit(2);
  }
  const client = new grpc.Client(server, credentials(ca, certificate, key));
  call(client, definition, JSON.parse(json));
}

main(process.argv.slice(2));
