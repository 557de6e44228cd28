import zlib from 'node:zlib'
import { Receiver } from '/tmp/core/src/deflate/receiver'
import { Sender } from '/tmp/core/src/deflate/sender'
import { compress } from '/tmp/core/src/deflate/fflate-codec'
let seed = +(process.argv[2]||1); const rnd = () => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff
const words = ['alpha','beta','{"id":','"value":','true','null','0.1234','\n','lorem ','ipsum ']
function gen(): Buffer { const n = Math.floor(Math.pow(rnd(), 3) * 70000); const k = Math.floor(rnd()*6)
  if (k===0) return Buffer.alloc(n, 0); if (k===1) return Buffer.from(Array.from({length:n},()=>rnd()*256|0)); if (k===2) return Buffer.from(Array.from({length:n},()=>rnd()<.05?rnd()*256|0:0))
  let s=''; while (s.length<n) s+=words[rnd()*words.length|0]; return Buffer.from(s.slice(0,n)) }
let N=+(process.argv[3]||300), comp=0, unc=0
for (let conn=0; conn<N; conn++) {
  const bits = 8 + (rnd()*8|0), keep = rnd()<.5, streaming = rnd()<.5
  // receive from zlib
  const def = zlib.createDeflateRaw({ windowBits: Math.max(9,bits), level: rnd()*10|0, memLevel: 1+(rnd()*9|0), strategy: rnd()*5|0 })
  let got: Buffer[] = []; let finals=0; let stop=false; let viol=''
  const sink = { isStreaming: streaming, maxMessageSize: 1<<24, isStopped: () => stop, onSpan(b,s,e,f){ 
      if (streaming) got.push(Buffer.from(b.slice(s,e))); else { if (f) { got=[Buffer.from(r.ring.heldEnd? r.ring.bytes.slice(0,e): b.slice(s,e))]; r.ring.release() } else r.ring.hold(s,e)}
      if (f) finals++; if (streaming && rnd()<.3) stop=true }, onViolation(id,c){viol=id} }
  const r = new Receiver(Math.max(9,bits), keep, 1<<24, sink as any)
  const flush = (m: Buffer) => new Promise<Buffer>(res => { const out: Buffer[]=[]; def.on('data', c=>out.push(c)); def.write(m); def.flush(zlib.constants.Z_SYNC_FLUSH, ()=>{ def.removeAllListeners('data'); res(Buffer.concat(out).subarray(0,-4)) }) })
  for (let k=0;k<4;k++) { const m=gen(); let c: Buffer
    if (keep) c = await flush(m); else c = zlib.deflateRawSync(m,{windowBits:Math.max(9,bits), finishFlush: zlib.constants.Z_SYNC_FLUSH}).subarray(0,-4)
    got=[]; finals=0
    let i=0; while (i<c.length) { const n = Math.min(c.length, i+1+(rnd()*(rnd()<.3?3:3000)|0)); let s=i; for(;;){ const t=r.receive(c,s,n,n===c.length); if (viol) throw new Error(viol+' '+conn); stop=false; if (t===n) break; if (t<s) throw 1; s=t }; i=n }
    const all=Buffer.concat(got); if (!all.equals(m)||finals!==1) throw new Error(`mismatch conn ${conn} ${all.length} ${m.length} finals ${finals}`)
  }
  // send
  const snd = new Sender(bits, keep, compress, (1+(rnd()*9|0)) as any)
  const inf = zlib.createInflateRaw({ windowBits: bits })
  let perr: any; inf.on('error', e=>perr=e)
  for (let k=0;k<3;k++){ const m=gen(); const c=snd.send(m,0,m.length); if(!c){unc++;continue} comp++
    const out: Buffer[]=[]; const all = await new Promise<Buffer>((res,rej)=>{ inf.on('error',rej); inf.on('data',d=>out.push(d)); inf.write(c); inf.write(Buffer.from([0,0,255,255])); inf.flush(()=>{inf.removeAllListeners('data'); inf.removeAllListeners('error'); res(Buffer.concat(out))}) })
    if (!all.equals(m)) throw new Error('send mismatch '+conn+' bits '+bits+' '+all.length+' '+m.length)
  }
  inf.close(); def.close()
}
console.log('ok', comp, unc)
