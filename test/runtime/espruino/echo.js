// Autobahn's cases in the real Espruino: `job` stands before this, and what `engine.mjs` puts there. Each message or fragment
// is sent back as it came; what there is no room for waits, and nothing is read meanwhile.

var ringlet = require('ringlet')
var at = 0

function runCase(number) {
  var outcome = { case: number, delivered: 0, error: '', isTimedOut: false }
  var waiting = []
  var socket
  var timer = setTimeout(() => {
    timer = undefined
    outcome.isTimedOut = true
    socket.abort()
  }, job.limit)
  function deliver(send) {
    outcome.delivered++
    if (waiting.length || !send()) {
      waiting.push(send)
      socket.pause()
    }
  }
  var handlers = {
    onWritable: () => {
      // No `return` at the end of a line: the engine reads on.
      while (waiting.length && waiting[0]()) waiting.splice(0, 1)
      if (!waiting.length) socket.resume()
    },
    onError: (error) => {
      outcome.error = error.message
    },
    onClose: () => {
      if (timer) clearTimeout(timer)
      told('case', outcome)
      next()
    },
  }
  var options = { receiveBuffer: 4096, sendBuffer: 4096, random: random }
  if (job.mode === 'fragment') {
    handlers.onFragment = (bytes, start, end, kind, final) => {
      deliver(() => socket.sendFragment(bytes, start, end, kind, final))
    }
  } else {
    options.maxMessageSize = 16777216
    handlers.onText = (text) => {
      deliver(() => socket.sendText(text))
    }
    handlers.onBinary = (bytes) => {
      deliver(() => socket.sendBinary(bytes))
    }
  }
  socket = ringlet.connect(
    job.url + '/runCase?case=' + number + '&agent=' + job.agent,
    handlers,
    options
  )
}

function next() {
  if (at < job.cases.length) runCase(job.cases[at++])
  else quit()
}

next()
