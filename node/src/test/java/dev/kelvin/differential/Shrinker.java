package dev.kelvin.differential;

import com.google.protobuf.Message;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.WatchRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Makes a failing sequence of steps as small as it can within its time. */
final class Shrinker {
  /** A sequence, and what differs when fresh servers carry it out. */
  record Failure(List<Step> steps, Difference difference) {}

  private final Function<List<Step>, Difference> fresh;
  private final Difference wanted;
  private final long deadline;

  /**
   * @param fresh carries out steps on fresh servers
   * @param wanted the difference to keep
   */
  Shrinker(Function<List<Step>, Difference> fresh, Difference wanted, Duration limit) {
    this.fresh = fresh;
    this.wanted = wanted;
    deadline = System.nanoTime() + limit.toNanos();
  }

  /**
   * The smallest found; null if not even the whole fails again.
   *
   * @param last the steps that alone may be enough
   * @param all all steps since the servers were fresh
   */
  Failure shrink(List<Step> last, List<Step> all) {
    var failure = attempt(last);
    if (failure == null) {
      failure = attempt(all);
    }
    if (failure == null) {
      return null;
    }
    return simplify(drop(failure));
  }

  private boolean late() {
    return System.nanoTime() > deadline;
  }

  /** Null unless the steps fail in the wanted way; steps behind the failing one are left out. */
  private Failure attempt(List<Step> steps) {
    var difference = fresh.apply(steps);
    if (difference == null || !difference.like(wanted)) {
      return null;
    }
    // Equal steps may come twice: the later ones only if the earlier was fine.
    int at = steps.indexOf(difference.step());
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i) == difference.step()) {
        at = i;
      }
    }
    return new Failure(at < 0 ? steps : List.copyOf(steps.subList(0, at + 1)), difference);
  }

  /** Leaves out ever smaller runs of steps. */
  private Failure drop(Failure failure) {
    for (int size = failure.steps.size() / 2; size > 0; size /= 2) {
      for (int at = failure.steps.size() - size; at >= 0 && !late(); at -= size) {
        if (at + size > failure.steps.size()) {
          continue;
        }
        var fewer = new ArrayList<>(failure.steps);
        fewer.subList(at, at + size).clear();
        var smaller = attempt(fewer);
        failure = smaller == null ? failure : smaller;
      }
    }
    return failure;
  }

  private Failure simplify(Failure failure) {
    boolean better = true;
    while (better && !late()) {
      better = false;
      for (int i = failure.steps.size() - 1; i >= 0; i--) {
        for (var simpler : simpler(failure.steps.get(i))) {
          if (late()) {
            return failure;
          }
          var steps = new ArrayList<>(failure.steps);
          steps.set(i, simpler);
          var smaller = attempt(steps);
          if (smaller != null) {
            failure = smaller;
            better = true;
            break;
          }
        }
        i = Math.min(i, failure.steps.size());
      }
    }
    return failure;
  }

  private static List<Step> simpler(Step step) {
    var found = new ArrayList<Step>();
    switch (step) {
      case Step.Call(Rpc rpc, Message request) ->
          simpler(request).forEach(message -> found.add(new Step.Call(rpc, message)));
      case Step.Watch(int stream, WatchRequest request) ->
          simpler(request)
              .forEach(
                  message -> {
                    if (message instanceof WatchRequest simple
                        && simple.getRequestUnionCase() == request.getRequestUnionCase()) {
                      found.add(new Step.Watch(stream, simple));
                    }
                  });
      case Step.Parts(RangeRequest request) ->
          simpler(request)
              .forEach(
                  message -> {
                    if (message instanceof RangeRequest simple) {
                      found.add(new Step.Parts(simple));
                    }
                  });
      case Step.KeepAlive _, Step.AwaitEnd _, Step.End _ -> {}
    }
    return found;
  }

  /** The message without one of the things it says. */
  static List<Message> simpler(Message message) {
    var found = new ArrayList<Message>();
    message
        .getAllFields()
        .forEach(
            (field, value) -> {
              if (field.isRepeated()) {
                for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
                  var rest = new ArrayList<>((List<?>) value);
                  var element = rest.remove(i);
                  found.add(message.toBuilder().setField(field, rest).build());
                  if (element instanceof Message inner) {
                    for (var simple : simpler(inner)) {
                      found.add(message.toBuilder().setRepeatedField(field, i, simple).build());
                    }
                  }
                }
              } else {
                found.add(message.toBuilder().clearField(field).build());
                if (value instanceof Message inner) {
                  for (var simple : simpler(inner)) {
                    found.add(message.toBuilder().setField(field, simple).build());
                  }
                }
              }
            });
    return found;
  }
}
