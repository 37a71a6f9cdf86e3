package dev.kelvin.sim;

import dev.kelvin.proto.etcdserverpb.AlarmRequest;
import dev.kelvin.proto.etcdserverpb.AlarmRequest.AlarmAction;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.Alarm;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.Outcome;
import java.util.random.RandomGenerator;

/** Raises and disarms NOSPACE of a few members through any node, again and again. */
final class Alarming {
  private static final long PERIOD = 150 * Scheduler.MILLISECOND;
  private static final int MEMBERS = 2;

  private final World world;
  private final RandomGenerator random;
  private int changed;
  private boolean stopped;

  Alarming(World world) {
    this.world = world;
    random = world.seeds().of("alarms");
  }

  void start() {
    world
        .scheduler()
        .after(
            Seeds.around(random, PERIOD),
            () -> {
              if (!stopped) {
                change();
                start();
              }
            });
  }

  void stop() {
    stopped = true;
  }

  /** Changes that were answered. */
  int changed() {
    return changed;
  }

  private void change() {
    var serving = world.machines().stream().filter(SimNode::serving).toList();
    if (serving.isEmpty()) {
      return;
    }
    // Disarmed more often than raised: something must be written too.
    var request =
        AlarmRequest.newBuilder()
            .setAction(random.nextInt(3) == 0 ? AlarmAction.ACTIVATE : AlarmAction.DEACTIVATE)
            .setMemberID(1 + random.nextInt(MEMBERS))
            .setAlarmValue(Alarm.NOSPACE)
            .build();
    serving
        .get(random.nextInt(serving.size()))
        .propose(
            CommandKind.ALARM,
            request.toByteArray(),
            new Replica.Completion() {
              @Override
              public void done(Outcome outcome) {
                changed++;
              }

              @Override
              public void failed(Replica.Failure failure) {
                world.trace().line("alarms", request.getAction() + " failed: " + failure);
              }
            });
  }
}
