// What `dist/espruino.js` uses of Espruino, for an engine of ES5 and typed arrays such as duktape: strings are bytes, the
// network is an array, timers run when they are told to. Not a stand-in for Espruino's ways: that is `stand-in.mjs`.
//
// Evaluated before the bundle, `vectors.js` (`var vectors = …`) and `violations.js`.

var exports = {}
var sockets = []
var timers = []
var process = { env: { BOARD: 'PICO_R1_3' } }

var setBytes = Uint8Array.prototype.set
Uint8Array.prototype.set = function (source, offset) {
  if (typeof source === 'string') source = E.toUint8Array(source)
  setBytes.call(this, source, offset || 0)
}

var fromCharCode = String.fromCharCode
String.fromCharCode = function () {
  var text = ''
  for (var i = 0; i < arguments.length; i++) text += fromCharCode(arguments[i] & 255)
  return text
}

var E = {
  toUint8Array: function (text) {
    var bytes = new Uint8Array(text.length)
    for (var i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
    return bytes
  },
  toString: function () {
    var text = ''
    for (var i = 0; i < arguments.length; i++) {
      var part = arguments[i]
      if (typeof part === 'number') part = [part]
      if (part instanceof ArrayBuffer) part = new Uint8Array(part)
      for (var j = 0; j < part.length; j++) {
        text += typeof part === 'string' ? part.charAt(j) : fromCharCode(part[j] & 255)
      }
    }
    return text
  },
  hwRand: function () {
    return 0x12345678
  },
  isUTF8: function () {
    return false
  },
}

/** Not Base64: the handshake only compares. */
function btoa() {
  return 'accept'
}

function setTimeout(callback, delay) {
  // Deadlines never pass here.
  if (delay === 0) timers.push({ callback: callback, given: [].slice.call(arguments, 2) })
  return 1
}

function clearTimeout() {}

function require(name) {
  if (name === 'crypto') return { SHA1: function () {} }
  return {
    connect: function () {
      var socket = {
        written: '',
        listeners: {},
        sckt: 1,
        on: function (event, listener) {
          this.listeners[event] = listener
        },
        write: function (bytes) {
          this.written += bytes
        },
        end: function () {},
      }
      sockets.push(socket)
      return socket
    },
  }
}
