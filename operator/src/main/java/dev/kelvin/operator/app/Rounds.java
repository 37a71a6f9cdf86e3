package dev.kelvin.operator.app;

import dev.kelvin.operator.act.Actor;
import dev.kelvin.operator.act.Actor.Outcome;
import dev.kelvin.operator.care.CareException;
import dev.kelvin.operator.children.Children;
import dev.kelvin.operator.crd.KvCluster;
import dev.kelvin.operator.decide.Decide;
import dev.kelvin.operator.decide.Decision;
import dev.kelvin.operator.decide.Step;
import dev.kelvin.operator.facts.Facts;
import dev.kelvin.operator.observe.Memory;
import dev.kelvin.operator.observe.Observation;
import dev.kelvin.operator.observe.Observer;
import dev.kelvin.operator.report.Records;
import dev.kelvin.operator.report.Reporter;
import dev.kelvin.operator.report.Story;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.net.HttpURLConnection;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * One round of one cluster: observe, decide, act, report, every time from scratch. It may end
 * anywhere; the next one decides anew from what it finds. Rounds of different clusters may run at
 * the same time, those of one may not.
 */
final class Rounds {
  private static final Logger LOG = Logger.getLogger("dev.kelvin.operator");

  /** After a step: what is next is mostly known at once. */
  private static final Duration SOON = Duration.ofMillis(100);

  /** While nodes are to get somewhere: they send no events. */
  private static final Duration IN_FLIGHT = Duration.ofMillis(500);

  private static final Duration REFUSED = Duration.ofSeconds(1);
  private static final Duration WAITING = Duration.ofSeconds(2);
  private static final Duration IDLE = Duration.ofSeconds(10);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final Observer observer;
  private final Children children;
  private final Actor actor;
  private final Reporter reporter;
  private final Faults faults;
  private final MeterRegistry metrics;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  Rounds(
      Observer observer,
      Children children,
      Actor actor,
      Reporter reporter,
      Faults faults,
      MeterRegistry metrics,
      Clock clock) {
    this.observer = observer;
    this.children = children;
    this.actor = actor;
    this.reporter = reporter;
    this.faults = faults;
    this.metrics = metrics;
    this.clock = clock;
  }

  /** What is kept of one cluster between its rounds. */
  static final class Course {
    private final Memory memory = new Memory();
    private String logged = "";
    private String told = "";
    private String refused = "";
    private Step step;
    private int repeats;
    private int failures;
  }

  /**
   * Runs one round; whatever goes wrong is logged in one line and left to the next one.
   *
   * @return when to run the next one; empty if there is no such cluster any more
   */
  Optional<Duration> run(String namespace, String name, Course course) throws InterruptedException {
    var where = namespace + "/" + name;
    var timer = Timer.start(metrics);
    try {
      var next = round(namespace, name, where, course);
      return next.map(n -> course.failures == 0 ? n : max(n, pause(course.failures)));
    } catch (RuntimeException e) {
      if (passing(e)) {
        LOG.debugf("%s: was decided on what is no more: %s", where, oneLine(e));
        return Optional.of(IN_FLIGHT);
      }
      failed(course);
      if (e instanceof KubernetesClientException || e instanceof IllegalArgumentException) {
        log(course, where, "failed: " + oneLine(e), Logger.Level.WARN);
      } else {
        // A mistake of ours: where it happened is needed, and the other clusters go on.
        LOG.errorf(e, "%s: failed", where);
      }
      return Optional.of(pause(course.failures));
    } finally {
      timer.stop(metrics.timer("kelvin.operator.round"));
    }
  }

  private void failed(Course course) {
    course.failures++;
    metrics.counter("kelvin.operator.errors").increment();
  }

  private static Duration max(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }

  /** Somebody else wrote, or deleted, what the step was about. */
  private static boolean passing(Exception e) {
    return e instanceof KubernetesClientException k
        && (k.getCode() == HttpURLConnection.HTTP_CONFLICT
            || k.getCode() == HttpURLConnection.HTTP_NOT_FOUND);
  }

  static Duration pause(int failures) {
    long millis = 500L << Math.min(failures, 10);
    return millis < LONGEST_PAUSE.toMillis() ? Duration.ofMillis(millis) : LONGEST_PAUSE;
  }

  private Optional<Duration> round(String namespace, String name, String where, Course course)
      throws InterruptedException {
    var looked = observer.look(namespace, name, course.memory);
    if (looked.isEmpty()) {
      return Optional.empty();
    }
    var seen = looked.get();
    var now = clock.instant();
    var facts = facts(seen, course, now);
    var decision = Decide.decide(facts, now);
    var step = decision.step();
    faults.before(step);
    var next = next(course, decision);
    var outcome = new Outcome(seen.cluster(), facts.recorded());
    try {
      outcome = actor.act(seen, facts, decision, now);
      course.failures = 0;
      done(course, where, seen.cluster(), facts, step, now);
    } catch (CareException e) {
      metrics.counter("kelvin.operator.refusals").increment();
      refused(course, where, seen.cluster(), told(facts, step) + ": " + e.getMessage(), now);
      next = REFUSED;
    } catch (KubernetesClientException e) {
      if (passing(e)) {
        throw e;
      }
      failed(course);
      refused(course, where, seen.cluster(), told(facts, step) + ": " + oneLine(e), now);
    }
    faults.after(step);
    reporter.status(outcome.cluster(), facts, outcome.recorded(), decision, now);
    for (var condition : decision.conditions()) {
      var news = Story.of(outcome.cluster().getStatus(), condition);
      news.ifPresent(s -> tell(course, seen.cluster(), s, s.reason() + s.message(), now));
    }
    return Optional.of(next);
  }

  private Facts facts(Observation seen, Course course, Instant now) {
    try {
      return seen.facts(children, freshId());
    } catch (IllegalArgumentException e) {
      var story = new Story("RecordUnreadable", "nothing is done: " + oneLine(e), true);
      tell(course, seen.cluster(), story, story.message(), now);
      throw e;
    }
  }

  private void done(
      Course course, String where, KvCluster cluster, Facts facts, Step step, Instant now) {
    if (step instanceof Step.Wait(var reason, var message)) {
      log(course, where, reason + ": " + message, Logger.Level.INFO);
      return;
    }
    metrics.counter("kelvin.operator.steps", "step", step.getClass().getSimpleName()).increment();
    log(course, where, told(facts, step), Logger.Level.INFO);
    var key = facts.wanted().generation() + " " + step;
    Story.of(facts.wanted(), step).ifPresent(s -> tell(course, cluster, s, key, now));
  }

  /** A node may need another moment: only what is refused again is worth a warning. */
  private void refused(
      Course course, String where, KvCluster cluster, String message, Instant now) {
    if (!course.refused.equals(message)) {
      course.refused = message;
      log(course, where, message, Logger.Level.INFO);
      return;
    }
    var story = new Story("Refused", message, true);
    if (tell(course, cluster, story, message, now)) {
      LOG.warnf("%s: again: %s", where, message);
    }
  }

  /** A step in one line of the log; what is no news for an event is told here. */
  private static String told(Facts facts, Step step) {
    return Story.of(facts.wanted(), step)
        .map(Story::message)
        .orElseGet(
            () ->
                switch (step) {
                  case Step.LabelLeader(int ordinal) ->
                      facts.wanted().pod(ordinal) + " is labelled as the leader's";
                  case Step.MarkFounding(var founding, boolean set, var claims) ->
                      "marks %s%d volume claims as those of cluster %s"
                          .formatted(
                              set ? "the StatefulSet and " : "",
                              claims.size(),
                              Records.hex(founding.clusterId()));
                  default -> step.toString();
                });
  }

  /**
   * Once, however often a step is repeated.
   *
   * @return whether it was news
   */
  private boolean tell(Course course, KvCluster cluster, Story story, String key, Instant now) {
    if (course.told.equals(key)) {
      return false;
    }
    course.told = key;
    try {
      reporter.tell(cluster, story, now);
    } catch (KubernetesClientException e) {
      LOG.debugf("event not written: %s", oneLine(e));
    }
    return true;
  }

  /** What is the same as the last time is no news. */
  private static void log(Course course, String where, String line, Logger.Level level) {
    if (course.logged.equals(line)) {
      LOG.debugf("%s: again: %s", where, line);
      return;
    }
    course.logged = line;
    LOG.logf(level, "%s: %s", where, line);
  }

  private static String oneLine(Exception e) {
    return Objects.requireNonNullElse(e.getMessage(), e.toString()).replaceAll("\\s+", " ");
  }

  /** A step that has to be repeated at once did not do what it should: it is given more time. */
  private static Duration next(Course course, Decision decision) {
    if (decision.step() instanceof Step.Wait(var reason, _)) {
      course.repeats = 0;
      return reason.equals("AsSpecified") || reason.equals("Paused")
          ? IDLE
          : decision.operation().isPresent() ? IN_FLIGHT : WAITING;
    }
    course.repeats = decision.step().equals(course.step) ? course.repeats + 1 : 0;
    course.step = decision.step();
    return SOON.multipliedBy(1L << Math.min(course.repeats, 7));
  }

  private long freshId() {
    while (true) {
      long id = random.nextLong();
      if (id != 0) {
        return id;
      }
    }
  }
}
