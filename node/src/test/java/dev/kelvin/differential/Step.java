package dev.kelvin.differential;

import com.google.protobuf.Message;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.WatchRequest;

/** One step of a program. Numbers in its messages may be {@link Symbols}. */
sealed interface Step {
  /** One request, one answer. */
  record Call(Rpc rpc, Message request) implements Step {}

  /** A range in parts, which are put together. */
  record Parts(RangeRequest request) implements Step {}

  /** One renewal on a stream of its own. */
  record KeepAlive(long lease) implements Step {}

  /** Waits until a lease has ended by time on both servers. */
  record AwaitEnd(long lease) implements Step {}

  /** A request on a stream of watches, which is opened when first named. */
  record Watch(int stream, WatchRequest request) implements Step {}

  /** All watches are compared for the last time, and their streams end. */
  record End() implements Step {}
}
