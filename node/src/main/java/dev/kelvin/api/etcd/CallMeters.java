package dev.kelvin.api.etcd;

import dev.kelvin.meter.Histogram;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts calls, messages and bytes of the client port, by method: what etcd counts there. */
public final class CallMeters extends ServerStreamTracer.Factory {
  /** One method's calls, and how they ended. */
  public static final class Method {
    private final MethodDescriptor<?, ?> descriptor;
    private final LongAdder started = new LongAdder();
    private final LongAdder received = new LongAdder();
    private final LongAdder sent = new LongAdder();
    private final LongAdder[] handled = new LongAdder[Status.Code.values().length];

    /** The bounds of the Go library that etcd measures with. */
    private final Histogram seconds =
        new Histogram(.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10);

    private Method(MethodDescriptor<?, ?> descriptor) {
      this.descriptor = descriptor;
      Arrays.setAll(handled, _ -> new LongAdder());
    }

    /** Full name of the service. */
    public String service() {
      return descriptor.getServiceName();
    }

    /** Without the service's. */
    public String name() {
      return descriptor.getBareMethodName();
    }

    public MethodDescriptor.MethodType type() {
      return descriptor.getType();
    }

    public long started() {
      return started.sum();
    }

    /** Messages from clients. */
    public long received() {
      return received.sum();
    }

    /** Messages to clients. */
    public long sent() {
      return sent.sum();
    }

    /** Calls that ended so. */
    public long handled(Status.Code code) {
      return handled[code.value()].sum();
    }

    /** From the arrival of a call to its end. */
    public Histogram seconds() {
      return seconds;
    }
  }

  private final Map<MethodDescriptor<?, ?>, Method> methods = new ConcurrentHashMap<>();
  private final LongAdder receivedBytes = new LongAdder();
  private final LongAdder sentBytes = new LongAdder();

  /** Counts the calls of this service from now on; those of others are not counted. */
  void add(ServerServiceDefinition service) {
    for (var method : service.getMethods()) {
      var descriptor = method.getMethodDescriptor();
      methods.put(descriptor, new Method(descriptor));
    }
  }

  /** Ordered by service and name. */
  public List<Method> methods() {
    return methods.values().stream()
        .sorted(Comparator.comparing(Method::service).thenComparing(Method::name))
        .toList();
  }

  /** Of messages from clients, as they are decoded. */
  public long receivedBytes() {
    return receivedBytes.sum();
  }

  /** Of messages to clients, as they are encoded. */
  public long sentBytes() {
    return sentBytes.sum();
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
    return new Tracer();
  }

  /** One call. */
  private final class Tracer extends ServerStreamTracer {
    private final long begin = System.nanoTime();
    private Method method;

    @Override
    public void serverCallStarted(ServerCallInfo<?, ?> call) {
      method = methods.get(call.getMethodDescriptor());
      if (method != null) {
        method.started.increment();
      }
    }

    @Override
    public void inboundMessageRead(int number, long wireSize, long size) {
      if (method != null) {
        method.received.increment();
      }
    }

    @Override
    public void inboundUncompressedSize(long bytes) {
      if (method != null) {
        receivedBytes.add(bytes);
      }
    }

    @Override
    public void outboundMessageSent(int number, long wireSize, long size) {
      if (method != null) {
        method.sent.increment();
        sentBytes.add(size);
      }
    }

    @Override
    public void streamClosed(Status status) {
      if (method != null) {
        method.handled[status.getCode().value()].increment();
        if (method.type() == MethodDescriptor.MethodType.UNARY) {
          method.seconds.recordSince(begin);
        }
      }
    }
  }
}
