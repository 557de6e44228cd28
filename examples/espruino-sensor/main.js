// A sensor on an Espruino Pico or an ESP32: sends the temperature, obeys `led on` and `led off`, and connects again.
// Upload it with Ringlet as the module `ringlet`, once WiFi is connected: README.md says how.

var connect = require('ringlet').connect
var ADDRESS = 'ws://192.168.1.10:8080/sensor'
var INTERVAL = 10000
/** A pin that nothing is connected to: what it reads is noise. */
var NOISE = typeof A0 === 'undefined' ? D34 : A0

// The ESP32 has no source of randomness that differs from start to start, so keys come from a hash of noise. On a board
// with an nRF52, an STM32F4 or an RP2040 leave the option `random` out.
var secret = ''
for (var i = 0; i < 64; i++) secret += analogRead(NOISE) + ' ' + getTime() + ' '
var drawn = 0

function random(bytes) {
  var digest = new Uint8Array(require('crypto').SHA1(secret + drawn++))
  for (var i = 0; i < bytes.length; i++) bytes[i] = digest[i]
}

var delay = 1000
var timer

function report(socket) {
  // Espruino takes what follows a `return` for its value, even on the next line, so there is none here.
  if (socket.readyState === 1) {
    // False if there is no room: the next reading is newer anyway.
    socket.sendText(JSON.stringify({ temperature: E.getTemperature() }))
  }
}

function onOpen(socket) {
  delay = 1000
  report(socket)
  timer = setInterval(report, INTERVAL, socket)
}

function onText(text) {
  if (text === 'led on') digitalWrite(LED1, 1)
  if (text === 'led off') digitalWrite(LED1, 0)
}

function onError(error) {
  console.log(error.message)
}

function onClose(code, reason) {
  console.log('closed: ' + code + ' ' + reason)
  if (timer) clearInterval(timer)
  timer = 0
  setTimeout(start, delay)
  delay = Math.min(2 * delay, 60000)
}

function start() {
  connect(
    ADDRESS,
    { onOpen: onOpen, onText: onText, onError: onError, onClose: onClose },
    // A ping now and then: nothing else tells that WiFi is gone.
    { receiveBuffer: 256, sendBuffer: 256, pingInterval: 30000, random: random }
  )
}

start()
