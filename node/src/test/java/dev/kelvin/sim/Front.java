package dev.kelvin.sim;

import dev.kelvin.checker.Operation.NotDone;
import dev.kelvin.checker.Operation.Result;
import dev.kelvin.checker.Operation.Unknown;
import dev.kelvin.checker.Request;
import dev.kelvin.checker.client.Messages;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.Reader;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** A process's front door: puts clients' requests to the replica, and knows who waits. */
final class Front {
  private final Replica replica;
  private final Reader reader;
  private final Executor lane;
  private final Set<Consumer<Result>> waiting = new LinkedHashSet<>();

  Front(Replica replica, Reader reader, Executor lane) {
    this.replica = replica;
    this.reader = reader;
    this.lane = lane;
  }

  /** The process died: whoever waits only sees the connection break. */
  void die() {
    waiting.forEach(answer -> answer.accept(new Unknown("connection lost")));
    waiting.clear();
  }

  void ask(Request request, Consumer<Result> answer) {
    waiting.add(answer);
    if (request instanceof Request.Range range) {
      if (range.serializable()) {
        read(range, answer);
      } else {
        replica.barrier(lane, barrier(range, answer));
      }
    } else {
      replica.propose(Etcd.kind(request), Etcd.payload(request), lane, completion(answer));
    }
  }

  private void read(Request.Range range, Consumer<Result> answer) {
    finish(answer, Etcd.result(reader.range(Messages.range(range), false)));
  }

  private void finish(Consumer<Result> answer, Result result) {
    if (waiting.remove(answer)) {
      answer.accept(result);
    }
  }

  private Replica.Barrier barrier(Request.Range range, Consumer<Result> answer) {
    return new Replica.Barrier() {
      @Override
      public void reached() {
        read(range, answer);
      }

      @Override
      public void failed(Replica.Failure failure) {
        finish(answer, new NotDone(failure.name()));
      }
    };
  }

  private Replica.Completion completion(Consumer<Result> answer) {
    return new Replica.Completion() {
      @Override
      public void done(Outcome outcome) {
        finish(answer, Etcd.result(outcome));
      }

      @Override
      public void failed(Replica.Failure failure) {
        finish(
            answer,
            failure == Replica.Failure.TIMEOUT
                ? new Unknown(failure.name())
                : new NotDone(failure.name()));
      }
    };
  }
}
