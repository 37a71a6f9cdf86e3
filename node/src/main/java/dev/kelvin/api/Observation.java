package dev.kelvin.api;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.mvccpb.Event;
import dev.kelvin.proto.mvccpb.KeyValue;
import dev.kelvin.proto.v3electionpb.LeaderResponse;
import dev.kelvin.watch.WatchRequest;
import dev.kelvin.watch.WatchSink;
import dev.kelvin.watch.WatchStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Tells of who leads an election, and what is proclaimed, from now on: of every proclamation of a
 * leader while it leads, and of the first after a change. It looks who is first, then watches that
 * key until it goes; while nobody leads, it watches for whoever comes.
 *
 * <p>Confined to the lane of its audience, but for the watch.
 */
public final class Observation {
  /** Where the news goes. */
  public interface Audience {
    Executor lane();

    /**
     * Takes news in order, all or none; any thread, and not to be blocked.
     *
     * @return false if there is no room; {@link Observation#room} is to be called once there is
     */
    boolean offer(List<LeaderResponse> news);

    /** There will be no more. */
    void end(ApiError error);
  }

  private final Claims claims;
  private final Requests requests;
  private final ByteString name;
  private final Audience audience;
  private WatchStream watching;
  private boolean over;

  /** The audience had no room for who leads. */
  private boolean crowded;

  Observation(Claims claims, Requests requests, ByteString name, Audience audience) {
    this.claims = claims;
    this.requests = requests;
    this.name = name;
    this.audience = audience;
  }

  public void begin() {
    look();
  }

  /** Who is first as of now. */
  private void look() {
    closeWatch();
    if (!over) {
      requests.range(
          Queues.first(name),
          new Step<>(audience.lane(), RangeResponse.class, this::looked, this::end));
    }
  }

  private void looked(RangeResponse response) {
    if (over) {
      return;
    }
    long now = response.getHeader().getRevision();
    if (response.getKvsCount() == 0) {
      var all = Queues.first(name);
      watch(all.getKey(), all.getRangeEnd(), now + 1, new Wake(this::lookSoon));
      return;
    }
    var leader = response.getKvs(0);
    if (audience.offer(List.of(news(now, leader)))) {
      watch(leader.getKey(), ByteString.EMPTY, now + 1, new Following());
    } else {
      crowded = true;
    }
  }

  private LeaderResponse news(long revision, KeyValue kv) {
    return LeaderResponse.newBuilder().setHeader(claims.header(revision)).setKv(kv).build();
  }

  private void watch(ByteString key, ByteString end, long from, WatchSink sink) {
    var opened = claims.open(sink);
    if (opened.isEmpty()) {
      end(ApiError.STOPPED);
      return;
    }
    watching = opened.get();
    watching.create(new WatchRequest(0, key, end, from, false, false, false, false, false));
  }

  private void lookSoon() {
    audience.lane().execute(this::look);
  }

  /** The audience has room again. */
  public void room() {
    if (crowded) {
      crowded = false;
      look();
    } else if (watching != null) {
      watching.room();
    }
  }

  private void closeWatch() {
    if (watching != null) {
      watching.close();
      watching = null;
    }
  }

  public void close() {
    over = true;
    closeWatch();
  }

  private void end(ApiError error) {
    if (!over) {
      close();
      audience.end(error);
    }
  }

  /** Tells of one leader's proclamations until its key goes. */
  private final class Following implements WatchSink {
    private boolean gone;

    private void gone() {
      if (!gone) {
        gone = true;
        lookSoon();
      }
    }

    @Override
    public boolean events(long watch, long revision, List<Event> events, boolean fragment) {
      if (gone) {
        return true;
      }
      var news = new ArrayList<LeaderResponse>();
      boolean deleted = false;
      for (var event : events) {
        deleted = event.getType() == Event.EventType.DELETE;
        if (deleted) {
          break;
        }
        news.add(news(revision, event.getKv()));
      }
      if (!news.isEmpty() && !audience.offer(news)) {
        return false;
      }
      if (deleted) {
        gone();
      }
      return true;
    }

    @Override
    public void compacted(long watch, long revision, long compacted) {
      gone();
    }

    @Override
    public void ended() {
      gone();
    }

    @Override
    public void created(long watch, long revision) {
      // What counts is what comes.
    }

    @Override
    public void refused(long revision, String reason) {
      throw new IllegalStateException("a watch of ours is refused: " + reason);
    }

    @Override
    public void progress(long watch, long revision) {
      // Not asked for.
    }

    @Override
    public void canceled(long watch, long revision) {
      // Not asked for.
    }
  }
}
