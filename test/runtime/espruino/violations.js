// Runs each of `vectors`, whole and byte by byte, in both ways of delivery, and prints what came as a line of JSON:
// name, bytes of frames in hexadecimal digits, options. `prelude.js` comes first.

var HEAD =
  'HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: accept\r\n\r\n'

function bytesOf(hex) {
  var digits = hex.split(' ').join('')
  var bytes = ''
  for (var i = 0; i < digits.length; i += 2) {
    bytes += String.fromCharCode(parseInt(digits.substr(i, 2), 16))
  }
  return bytes
}

function settle() {
  while (timers.length) {
    var due = timers.splice(0, 1)[0]
    due.callback.apply(undefined, due.given)
  }
}

function run(hex, options, isWhole, step) {
  var log = []
  var handlers = {
    onOpen: function () {
      log.push('open')
    },
    onError: function (error) {
      log.push('error ' + error.id + ' ' + error.code + ' @' + (error.offset - HEAD.length))
    },
    onClose: function (code, reason, wasClean) {
      log.push('close ' + code + ' "' + reason + '" ' + (wasClean ? 'clean' : 'unclean'))
    },
  }
  if (isWhole) {
    handlers.onText = function (text) {
      log.push('text "' + text + '"')
    }
  } else {
    handlers.onFragment = function (bytes, start, end, kind, final) {
      log.push('fragment ' + kind + ' ' + (end - start) + (final ? ' final' : ''))
    }
  }
  exports.connect('ws://host/', handlers, options)
  var socket = sockets[sockets.length - 1]
  var listeners = socket.listeners
  // What follows is in order, and must not be delivered.
  var bytes = HEAD + bytesOf(hex + '81 01 78 89 00 88 02 03e8')
  for (var i = 0; i < bytes.length; i += step) {
    listeners.data.call(socket, bytes.substr(i, step))
    listeners.drain.call(socket)
    settle()
  }
  listeners.close.call(socket, false)
  settle()
  return log
}

for (var i = 0; i < vectors.length; i++) {
  var vector = vectors[i]
  print(
    JSON.stringify([
      vector[0],
      run(vector[1], vector[2], true, 536),
      run(vector[1], vector[2], true, 1),
      run(vector[1], vector[2], false, 536),
    ])
  )
}
