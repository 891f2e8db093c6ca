package dev.parley.server.gateway;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import java.util.concurrent.atomic.LongAdder;

/**
 * Bytes of messages that crossed the wire, seen from a site: up is towards the coordinator. Counts what gRPC frames, not the
 * overhead of HTTP/2 and TLS.
 */
public final class TrafficMeter extends ServerStreamTracer.Factory {
    private final LongAdder up = new LongAdder();
    private final LongAdder down = new LongAdder();

    public long upBytes() {
        return up.sum();
    }

    public long downBytes() {
        return down.sum();
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
        return new ServerStreamTracer() {
            @Override
            public void inboundWireSize(long bytes) {
                up.add(bytes);
            }

            @Override
            public void outboundWireSize(long bytes) {
                down.add(bytes);
            }
        };
    }
}
