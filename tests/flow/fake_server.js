// A server that means ill: answers every method with what it is told, under the real server's certificate.
//
//     node fake_server.js CA CERTIFICATE KEY READY-FILE
//
// Once it listens it writes HOST:PORT into READY-FILE. One JSON command a line on standard input says how
// to answer from now on, and is echoed when it is in force:
//
//     {"method": "CollaborationService/Ping", "answers": [{…}, {"raw": BASE64}], "code": 0, "message": ""}
//
// Answers are messages as JSON (bytes are base64) or bytes that need not be a message; for one answer
// only the first counts. A code that is not 0 ends the call with that status. NODE_PATH points to
// scripts/npm/node_modules. "terms": {…} fills the answer's manifest with the terms of the request, these fields of
// them changed.
'use strict';

process.noDeprecation = true;

const fs = require('fs');
const path = require('path');
const readline = require('readline');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const PROTO = path.resolve(__dirname, '..', '..', 'proto');
const [ca, certificate, key, ready] = process.argv.slice(2);
const services = protoLoader.loadSync(
    ['collaboration', 'table', 'query', 'audit', 'overlap'].map((name) => `sealroom/v1/${name}.proto`),
    {includeDirs: [PROTO], keepCase: true, longs: String, bytes: String, defaults: true, oneofs: true});
const told = new Map();

function bytesOf(definition, answer) {
  return answer.raw === undefined ? definition.responseSerialize(answer) : Buffer.from(answer.raw, 'base64');
}

function withTerms(answer, request, changes) {
  const terms = {...JSON.parse(Buffer.from(request.terms, 'base64')), ...changes}; // in the order of the request
  return {...answer, manifest: Buffer.from(JSON.stringify(terms)).toString('base64')};
}

function unary(name, definition) {
  return (call, done) => {
    const {answers = [{}], code = 0, message = '', terms} = told.get(name) || {};
    if (code !== 0)
      done({code, details: message});
    else
      done(null, bytesOf(definition, terms === undefined ? answers[0] : withTerms(answers[0], call.request, terms)));
  };
}

function stream(name, definition) {
  return async (call) => {
    const {answers = [], code = 0, message = ''} = told.get(name) || {};
    call.on('data', () => {});
    call.on('error', () => {});
    for (const answer of answers)
      call.write(bytesOf(definition, answer));
    if (code !== 0)
      call.emit('error', {code, details: message});
    else
      call.end();
  };
}

const server = new grpc.Server();
for (const [full, methods] of Object.entries(services).filter(([, value]) => !value.type && !value.format)) {
  const handlers = {};
  const definitions = {};
  for (const [method, definition] of Object.entries(methods)) {
    const name = `${full.split('.').pop()}/${method}`;
    definitions[method] = {...definition, responseSerialize: (bytes) => bytes};
    handlers[method] = definition.responseStream ? stream(name, definition) : unary(name, definition);
  }
  server.addService(definitions, handlers);
}
const credentials = grpc.ServerCredentials.createSsl(
    fs.readFileSync(ca), [{private_key: fs.readFileSync(key), cert_chain: fs.readFileSync(certificate)}], true);
server.bindAsync('127.0.0.1:0', credentials, (error, port) => {
  if (error)
    throw error;
  fs.writeFileSync(`${ready}.part`, `127.0.0.1:${port}`);
  fs.renameSync(`${ready}.part`, ready);
});

const lines = readline.createInterface({input: process.stdin});
lines.on('line', (line) => {
  const command = JSON.parse(line);
  told.set(command.method, command);
  process.stdout.write(line + '\n');
});
lines.on('close', () => server.forceShutdown());
