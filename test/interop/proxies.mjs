// nginx and HAProxy between Ringlet and a server (`ws`), as their manuals tell to set them up for WebSocket, with and
// without TLS. Paths of their own beside those of the server: below /impatient the proxy gives up a connection that is
// silent for a second; below /plain it takes the request for one of HTTP, and drops the Upgrade.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { start } from '../conformance/processes.mjs'
import { Session } from '../runtime/session.mjs'
import { debian } from './installation.mjs'
import { answers, freePort } from './loopback.mjs'
import { listening, SERVERS } from './servers.mjs'

const nginx = ({ folder, port, backend, tls }) => `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  server {
    listen 127.0.0.1:${port}${tls ? ' ssl http2' : ''};
    ${tls ? `ssl_certificate ${tls.certFile}; ssl_certificate_key ${tls.keyFile};` : ''}
    proxy_http_version 1.1;
    proxy_set_header Host $host;
    location / {
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_pass http://127.0.0.1:${backend};
    }
    location /impatient/ {
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_read_timeout 1s;
      proxy_pass http://127.0.0.1:${backend}/;
    }
    location /plain/ {
      proxy_pass http://127.0.0.1:${backend}/;
    }
  }
}
`

const haproxy = ({ port, backend, tls }) => `
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
frontend in
  bind 127.0.0.1:${port}${tls ? ` ssl crt ${tls.bothFile} alpn h2,http/1.1` : ''}
  use_backend impatient if { path_beg /impatient/ }
  use_backend plain if { path_beg /plain/ }
  default_backend patient
backend patient
  server one 127.0.0.1:${backend}
backend impatient
  timeout tunnel 1s
  http-request replace-path /impatient(/.*) \\1
  server one 127.0.0.1:${backend}
backend plain
  http-request del-header Upgrade
  http-request replace-path /plain(/.*) \\1
  server one 127.0.0.1:${backend}
`

const OF_DEBIAN = {
  nginx: {
    install: () => debian('nginx-light', '/usr/sbin/nginx'),
    configuration: nginx,
    args: (folder, file) => ['-p', folder, '-c', file, '-e', join(folder, 'error.log')],
    // What it answers when the server behind it is gone.
    gone: 502,
  },
  HAProxy: {
    install: () => debian('haproxy', '/usr/sbin/haproxy'),
    configuration: haproxy,
    args: (_, file) => ['-db', '-f', file],
    gone: 503,
  },
}

/** Rows like those of servers.mjs. */
export const PROXIES = Object.entries(OF_DEBIAN).flatMap(([name, proxy]) =>
  [false, true].map((isSecure) => ({
    name: name + (isSecure ? ', TLS' : ''),
    isSecure,
    gone: proxy.gone,
    lacks: isSecure ? {} : { tls: 'the row with TLS has it' },
    deflate: { 'as it is': {} },
    start: (settings) => startBehind(proxy, { ...settings, tls: isSecure && settings.tls }),
  })),
)

async function startBehind(proxy, { deflate, tls }) {
  const { program, env } = await proxy.install()
  const behind = await listening(await SERVERS[0].command({ deflate }))
  const folder = mkdtempSync(join(tmpdir(), 'ringlet-proxy-'))
  mkdirSync(join(folder, 'logs'))
  const file = join(folder, 'configuration')
  const port = await freePort()
  writeFileSync(file, proxy.configuration({ folder, port, backend: behind.port, tls }))
  const server = start(program, proxy.args(folder, file), { env })
  const kill = () => {
    server.kill()
    behind.server.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await answers(port, server.ended)
  } catch (error) {
    kill()
    throw new Error(error.message + ': ' + server.output)
  }
  return {
    url: (path) => (tls ? 'wss' : 'ws') + '://127.0.0.1:' + port + path,
    kill,
    async killBehind() {
      behind.server.kill()
      await behind.server.ended
    },
  }
}

/** What a proxy adds to the cases of every server. */
export const cases = [
  {
    name: 'the server behind it is killed: the connection ends, the next is refused with a status',
    async run(env) {
      const peer = await env.restart()
      const session = new Session(env, peer.url('/echo'))
      await session.until('open')
      await peer.killBehind()
      await session.closed
      env.ok(/^error CONNECTION_(LOST|ENDED) 1006$/.test(session.log[1]), session.log.join())
      let refusal
      const on = { error: (_, error) => (refusal = error) }
      await new Session(env, peer.url('/echo'), {}, on).closed
      env.equal([refusal.id, refusal.status], ['BAD_STATUS', env.row.gone])
      peer.kill()
    },
  },
  {
    name: 'it gives up a silent connection, and keeps one with pingInterval',
    async run(env) {
      const kept = new Session(env, env.url('/impatient/echo'), { pingInterval: 200 })
      await kept.until('open')
      const silent = new Session(env, env.url('/impatient/echo'))
      await silent.closed
      env.ok(/^error CONNECTION_(LOST|ENDED) 1006$/.test(silent.log[1]), silent.log.join())
      kept.socket.sendText('still here')
      await kept.until('text "still here"')
      kept.socket.close(1000)
      await kept.closed
      env.equal(kept.log[kept.log.length - 1], 'close 1000 "" clean')
    },
  },
  {
    name: 'it drops the Upgrade: told as a status, not waited for',
    async run(env) {
      let refusal
      const on = { error: (_, error) => (refusal = error) }
      await new Session(env, env.url('/plain/echo'), {}, on).closed
      env.equal([refusal.id, refusal.status], ['BAD_STATUS', 426])
    },
  },
].map((one) => ({
  ...one,
  group: 'proxy',
  needs: [],
  run: (env) => one.run({ ...env, sessions: [] }),
}))
