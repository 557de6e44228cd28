// A server for the interop cases: Jetty. What each path does stands in ../servers.mjs.

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.zip.Adler32;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

public class Server {
    /** The bytes, or UTF-16 units, in each fragment of /fragments. */
    static final int PIECE = 1000;
    static final List<String> PROTOCOLS = List.of("v2.ringlet", "v1.ringlet");

    // What the connections share.
    static final Queue<Session> held = new ConcurrentLinkedQueue<>();
    /** Name of a connection to the Close frame that came. */
    static final Map<String, String> closes = new ConcurrentHashMap<>();

    public static void main(String[] arguments) throws Exception {
        var server = new org.eclipse.jetty.server.Server();
        var connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(WebSocketUpgradeHandler.from(server, container -> {
            container.setMaxBinaryMessageSize(1 << 26);
            container.setMaxTextMessageSize(1 << 26);
            container.setIdleTimeout(Duration.ofMinutes(5));
            container.addMapping("/*", Server::accept);
        }));
        server.start();
        System.out.println("listening on " + connector.getLocalPort());
        server.join();
    }

    static Object accept(
            ServerUpgradeRequest request,
            ServerUpgradeResponse response,
            org.eclipse.jetty.util.Callback callback) {
        String path = Request.getPathInContext(request);
        Fields query = Request.extractQueryParameters(request);
        if (path.equals("/refuse")) {
            int status = Integer.parseInt(query.getValue("status"));
            response.setStatus(status);
            if (status == 401) response.getHeaders().put("WWW-Authenticate", "Basic realm=\"interop\"");
            if (status == 503) response.getHeaders().put("Retry-After", "7");
            callback.succeeded();
            return null;
        }
        PROTOCOLS.stream()
                .filter(request.getSubProtocols()::contains)
                .findFirst()
                .ifPresent(response::setAcceptedSubProtocol);
        HttpFields fields = request.getHeaders();
        String headers = String.join(
                " | ", field(fields, "X-Ringlet"), field(fields, "Authorization"), field(fields, "Cookie"));
        return new Conversation(path, query, headers);
    }

    static String field(HttpFields fields, String name) {
        String value = fields.get(name);
        return value == null ? "" : value;
    }

    static ByteBuffer pattern(int offset, int size) {
        var bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            int at = offset + i;
            bytes[i] = (byte) (at * 7 + (at >> 8) * 13 + (at >> 16) * 31);
        }
        return ByteBuffer.wrap(bytes);
    }

    /** One connection. It reads when it has asked to: each message is answered before the next comes. */
    public static class Conversation implements Session.Listener {
        final String path;
        final Fields query;
        final String headers;
        final Adler32 sum = new Adler32();
        long length = 0;
        Session session;

        Conversation(String path, Fields query, String headers) {
            this.path = path;
            this.query = query;
            this.headers = headers;
        }

        Callback next() {
            return Callback.from(session::demand, failure -> session.disconnect());
        }

        @Override
        public void onWebSocketOpen(Session opened) {
            session = opened;
            switch (path) {
                case "/ping" -> session.sendPing(
                        ByteBuffer.wrap("from the server".getBytes(StandardCharsets.UTF_8)), next());
                case "/close" -> {
                    String code = query.getValue("code");
                    if (code == null) session.close();
                    else session.close(Integer.parseInt(code), query.getValue("reason"), Callback.NOOP);
                    session.demand();
                }
                case "/last-close" -> session.sendText(closes.getOrDefault(query.getValue("of"), ""), next());
                case "/headers" -> session.sendText(headers, next());
                case "/hold" -> held.add(session);
                case "/release" -> {
                    for (Session one = held.poll(); one != null; one = held.poll()) one.demand();
                    session.close();
                    session.demand();
                }
                case "/push" -> {
                    push(0);
                    session.demand();
                }
                default -> session.demand();
            }
        }

        void push(int i) {
            int size = Integer.parseInt(query.getValue("size"));
            if (i == Integer.parseInt(query.getValue("count"))) session.close();
            else session.sendBinary(pattern(i * size, size), Callback.from(() -> push(i + 1), failure -> {}));
        }

        @Override
        public void onWebSocketText(String text) {
            if (path.equals("/hold")) {
                session.sendText(String.format("%d bytes, sum %08x", length, sum.getValue()), next());
            } else if (path.equals("/fragments")) {
                sendText(text);
            } else {
                session.sendText(text, next());
            }
        }

        @Override
        public void onWebSocketBinary(ByteBuffer bytes, Callback callback) {
            if (path.equals("/hold")) {
                length += bytes.remaining();
                sum.update(bytes);
                callback.succeed();
                session.demand();
                return;
            }
            Callback both = Callback.from(callback, session::demand);
            if (path.equals("/fragments")) sendBinary(bytes, both);
            else session.sendBinary(bytes, both);
        }

        /** Not between the two units of a character, which no fragment of text may hold by themselves. */
        void sendText(String rest) {
            int end = Math.min(PIECE, rest.length());
            if (end < rest.length() && Character.isHighSurrogate(rest.charAt(end - 1))) end--;
            String after = rest.substring(end);
            session.sendPartialText(rest.substring(0, end), after.isEmpty(),
                    after.isEmpty() ? next() : Callback.from(() -> sendText(after), failure -> {}));
        }

        void sendBinary(ByteBuffer rest, Callback done) {
            int end = Math.min(PIECE, rest.remaining());
            ByteBuffer piece = rest.slice(rest.position(), end);
            rest.position(rest.position() + end);
            boolean isLast = !rest.hasRemaining();
            session.sendPartialBinary(piece, isLast,
                    isLast ? done : Callback.from(() -> sendBinary(rest, done), done::fail));
        }

        @Override
        public void onWebSocketPing(ByteBuffer payload) {
            session.sendPong(payload, next());
        }

        @Override
        public void onWebSocketPong(ByteBuffer payload) {
            if (path.equals("/ping")) {
                session.sendText("pong " + StandardCharsets.UTF_8.decode(payload), next());
            } else {
                session.demand();
            }
        }

        @Override
        public void onWebSocketClose(int code, String reason, Callback callback) {
            String name = query.getValue("name");
            if (name != null) closes.put(name, code + " " + (reason == null ? "" : reason));
            callback.succeed();
        }
    }
}
