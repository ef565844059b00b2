/* The loop of the patrol planner that a vector language makes slow: take some stops out of a plan, put others in,
 * straighten the routes, keep what is good (large neighbourhood search under simulated annealing). Every route met in
 * a good plan is handed back, so that the best of them can be chosen together (closing.py).
 * slower.py does the same in plain Python where this file was not compiled; the tests hold both to the checker.
 */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BUFFERS 32
#define RULES 5

typedef struct {
    int32_t n, r, places, groups;
    const double *travel, *dwell, *opens, *closes, *prize, *start, *end, *most;
    const int32_t *place, *group, *cap, *from, *to, *kind, *near, *by;
    const uint8_t *allowed;
    double per_s, slack, small;
    int symmetric, timed;
} Task;

typedef struct { int32_t *len, *seq, *in, *taken; double prize, travel; } Plan;

typedef struct {
    Plan now, next, best;
    double *begin, *late, *cost, *weight, *spent; /* spent: each route's travel */
    int32_t *at, *wait, *row;
    uint8_t *touched;
    uint64_t *key, dice;
} Work;

typedef struct {
    Py_ssize_t most, room;
    int64_t *used; /* routes, numbers */
    int32_t *unit, *len, *seq, *slot;
    double *prize, *travel, *value;
    uint64_t *hash, mask;
} Pool;

static uint64_t dice(uint64_t *s)
{
    uint64_t x = *s;
    x ^= x >> 12; x ^= x << 25; x ^= x >> 27;
    *s = x;
    return x * 0x2545F4914F6CDD1DULL;
}
static double chance(uint64_t *s) { return (double)(dice(s) >> 11) * 0x1p-53; }
static int32_t below(uint64_t *s, int32_t n) { return (int32_t)((dice(s) >> 33) % (uint64_t)n); }

/* --- One route: when each stop begins at the earliest and must begin at the latest. --- */

/* Units that move alike share a matrix: `by` says which of them is a unit's. */
static inline double way(const Task *t, int32_t unit, int32_t a, int32_t b)
{
    return t->travel[((size_t)t->by[unit] * t->places + a) * t->places + b];
}

static double route_travel(const Task *t, int32_t unit, const int32_t *seq, int32_t len)
{
    double sum = 0;
    int32_t here = t->from[unit];
    for (int32_t k = 0; k < len; k++) { sum += way(t, unit, here, t->place[seq[k]]); here = t->place[seq[k]]; }
    return sum + way(t, unit, here, t->to[unit]);
}

static int route_holds(const Task *t, int32_t unit, const int32_t *seq, int32_t len)
{
    double clock = t->start[unit];
    int32_t here = t->from[unit];
    for (int32_t k = 0; k < len; k++) {
        int32_t j = seq[k];
        clock += way(t, unit, here, t->place[j]);
        if (clock < t->opens[j]) clock = t->opens[j];
        if (clock > t->closes[j] + t->slack) return 0;
        clock += t->dwell[j];
        here = t->place[j];
    }
    return clock + way(t, unit, here, t->to[unit]) <= t->end[unit] + t->slack;
}

static void route_clock(const Task *t, Work *w, Plan *p, int32_t unit)
{
    const int32_t *seq = p->seq + (size_t)unit * t->n, len = p->len[unit];
    double *begin = w->begin + (size_t)unit * t->n, *late = w->late + (size_t)unit * t->n;
    double clock = t->start[unit];
    int32_t here = t->from[unit];
    for (int32_t k = 0; k < len; k++) {
        int32_t j = seq[k];
        clock += way(t, unit, here, t->place[j]);
        if (clock < t->opens[j]) clock = t->opens[j];
        begin[k] = clock;
        clock += t->dwell[j];
        here = t->place[j];
    }
    double last = t->end[unit] + t->slack;
    int32_t there = t->to[unit];
    for (int32_t k = len - 1; k >= 0; k--) {
        int32_t j = seq[k];
        last -= way(t, unit, t->place[j], there) + t->dwell[j];
        if (last > t->closes[j] + t->slack) last = t->closes[j] + t->slack;
        late[k] = last;
        there = t->place[j];
    }
    w->spent[unit] = t->most[unit] < INFINITY ? route_travel(t, unit, seq, len) : 0;
}

/* The cheapest place of a stop in a route: what it adds in travel, or infinity. */
static void cell(const Task *t, Work *w, const Plan *p, int32_t j, int32_t unit)
{
    size_t slot = (size_t)j * t->r + unit;
    double best = INFINITY;
    int32_t at = -1;
    if (t->allowed[slot]) {
        const int32_t *seq = p->seq + (size_t)unit * t->n, len = p->len[unit], own = t->place[j];
        const double *begin = w->begin + (size_t)unit * t->n, *late = w->late + (size_t)unit * t->n;
        double ready = t->start[unit];
        int32_t here = t->from[unit];
        for (int32_t k = 0; k <= len; k++) {
            int32_t there = k < len ? t->place[seq[k]] : t->to[unit];
            double to = way(t, unit, here, own), on = way(t, unit, own, there), add = to + on - way(t, unit, here, there);
            double clock = ready + to;
            if (clock > t->closes[j] + t->slack) break; /* begins only grow along the route */
            if (add < best && w->spent[unit] + add <= t->most[unit] + t->slack) {
                if (clock < t->opens[j]) clock = t->opens[j];
                if (clock + t->dwell[j] + on <= (k < len ? late[k] : t->end[unit] + t->slack)) { best = add; at = k; }
            }
            if (k < len) { ready = begin[k] + t->dwell[seq[k]]; here = there; }
        }
    }
    w->cost[slot] = best;
    w->at[slot] = at;
}

/* --- A plan. --- */

static void plan_copy(const Task *t, Plan *to, const Plan *from)
{
    memcpy(to->len, from->len, sizeof(int32_t) * t->r);
    for (int32_t r = 0; r < t->r; r++)
        memcpy(to->seq + (size_t)r * t->n, from->seq + (size_t)r * t->n, sizeof(int32_t) * from->len[r]);
    memcpy(to->in, from->in, sizeof(int32_t) * t->n);
    memcpy(to->taken, from->taken, sizeof(int32_t) * t->groups);
    to->prize = from->prize;
    to->travel = from->travel;
}

static double worth(const Task *t, const Plan *p) { return p->prize - t->per_s * p->travel; }

static void plan_sum(const Task *t, Plan *p)
{
    memset(p->taken, 0, sizeof(int32_t) * t->groups);
    for (int32_t j = 0; j < t->n; j++) p->in[j] = -1;
    p->prize = p->travel = 0;
    for (int32_t r = 0; r < t->r; r++) {
        for (int32_t k = 0; k < p->len[r]; k++) {
            int32_t j = p->seq[(size_t)r * t->n + k];
            p->in[j] = r;
            p->prize += t->prize[j];
            if (t->group[j] >= 0) p->taken[t->group[j]]++;
        }
        p->travel += route_travel(t, r, p->seq + (size_t)r * t->n, p->len[r]);
    }
}

static void take_out(const Task *t, Work *w, Plan *p, int32_t unit, int32_t k, int32_t count)
{
    int32_t *seq = p->seq + (size_t)unit * t->n;
    for (int32_t i = k; i < k + count; i++) {
        int32_t j = seq[i];
        p->in[j] = -1;
        if (t->group[j] >= 0) p->taken[t->group[j]]--;
    }
    memmove(seq + k, seq + k + count, sizeof(int32_t) * (p->len[unit] - k - count));
    p->len[unit] -= count;
    w->touched[unit] = 1;
}

static void take_stop(const Task *t, Work *w, Plan *p, int32_t j)
{
    int32_t unit = p->in[j];
    const int32_t *seq = p->seq + (size_t)unit * t->n;
    for (int32_t k = 0; k < p->len[unit]; k++)
        if (seq[k] == j) { take_out(t, w, p, unit, k, 1); return; }
}

static int open_to(const Task *t, const Plan *p, int32_t j)
{
    return p->in[j] < 0 && t->prize[j] > 0 && (t->group[j] < 0 || p->taken[t->group[j]] < t->cap[t->group[j]]);
}

static double wish(const Task *t, const Work *w, int rule, int32_t j, double add)
{
    double spent = (add > 0 ? add : 0) + t->dwell[j] + t->small;
    switch (rule) {
    case 0: return w->weight[j] * t->prize[j] / spent;
    case 1: return w->weight[j] * t->prize[j] * t->prize[j] / spent;
    case 2: return w->weight[j] * t->prize[j] + 1e-9 / spent;
    case 3: return w->weight[j] / spent;
    default: return w->weight[j];
    }
}

/* Put in what still fits, the most wished for first. */
static int fill(const Task *t, Work *w, Plan *p, int rule)
{
    int32_t waiting = 0;
    int put = 0;
    for (int32_t r = 0; r < t->r; r++) route_clock(t, w, p, r);
    for (int32_t j = 0; j < t->n; j++) {
        if (!open_to(t, p, j)) continue;
        int any = 0;
        for (int32_t r = 0; r < t->r; r++) {
            cell(t, w, p, j, r);
            any |= w->at[(size_t)j * t->r + r] >= 0;
        }
        if (any) w->wait[waiting++] = j;
    }
    while (waiting) {
        double most = -1;
        int32_t unit = -1, stop = -1;
        for (int32_t i = 0; i < waiting; i++) {
            int32_t j = w->wait[i], own = -1;
            double least = INFINITY;
            for (int32_t r = 0; r < t->r; r++)
                if (w->cost[(size_t)j * t->r + r] < least) { least = w->cost[(size_t)j * t->r + r]; own = r; }
            if (own < 0) continue;
            double wanted = wish(t, w, rule, j, least);
            if (wanted > most) { most = wanted; unit = own; stop = j; }
        }
        if (stop < 0) break;
        int32_t *seq = p->seq + (size_t)unit * t->n, at = w->at[(size_t)stop * t->r + unit];
        memmove(seq + at + 1, seq + at, sizeof(int32_t) * (p->len[unit] - at));
        seq[at] = stop;
        p->len[unit]++;
        p->in[stop] = unit;
        if (t->group[stop] >= 0) p->taken[t->group[stop]]++;
        w->touched[unit] = 1;
        put++;
        route_clock(t, w, p, unit);
        int32_t left = 0;
        for (int32_t i = 0; i < waiting; i++) {
            int32_t j = w->wait[i];
            if (!open_to(t, p, j)) continue;
            cell(t, w, p, j, unit);
            int any = 0;
            for (int32_t r = 0; r < t->r && !any; r++) any = w->at[(size_t)j * t->r + r] >= 0;
            if (any) w->wait[left++] = j;
        }
        waiting = left;
    }
    return put;
}

/* Straighten one route: turn a stretch round (where there and back cost the same), move up to three stops along it. */
static int straighten(const Task *t, Work *w, Plan *p, int32_t unit)
{
    int32_t *seq = p->seq + (size_t)unit * t->n, len = p->len[unit], *trial = w->row;
    int any = 0, again = 1;
#define AT(k) ((k) < 0 ? t->from[unit] : (k) >= len ? t->to[unit] : t->place[seq[k]])
    while (again) {
        again = 0;
        for (int32_t a = 0; a < len && !again; a++) {
            for (int32_t b = a + 1; b < len && t->symmetric; b++) {
                double gain = way(t, unit, AT(a - 1), AT(a)) + way(t, unit, AT(b), AT(b + 1)) - way(t, unit, AT(a - 1), AT(b)) - way(t, unit, AT(a), AT(b + 1));
                if (gain <= 1e-7) continue;
                memcpy(trial, seq, sizeof(int32_t) * len);
                for (int32_t k = a; k <= b; k++) trial[k] = seq[a + b - k];
                if (t->timed && !route_holds(t, unit, trial, len)) continue;
                memcpy(seq, trial, sizeof(int32_t) * len);
                again = any = 1;
                break;
            }
            for (int32_t size = 1; size <= 3 && a + size <= len && !again; size++) {
                int32_t b = a + size - 1;
                double out = way(t, unit, AT(a - 1), AT(a)) + way(t, unit, AT(b), AT(b + 1)) - way(t, unit, AT(a - 1), AT(b + 1));
                if (out <= 1e-7) continue;
                for (int32_t k = -1; k < len; k++) { /* between k and k + 1 */
                    if (k >= a - 1 && k <= b) continue;
                    double between = way(t, unit, AT(k), AT(k + 1));
                    double plain = way(t, unit, AT(k), AT(a)) + way(t, unit, AT(b), AT(k + 1)) - between;
                    double turned = t->symmetric ? way(t, unit, AT(k), AT(b)) + way(t, unit, AT(a), AT(k + 1)) - between : INFINITY;
                    if (out - (plain < turned ? plain : turned) <= 1e-7) continue;
                    int32_t m = 0;
                    for (int32_t i = -1; i < len; i++) {
                        if (i >= 0 && (i < a || i > b)) trial[m++] = seq[i];
                        if (i == k) for (int32_t s = 0; s < size; s++) trial[m++] = plain <= turned ? seq[a + s] : seq[b - s];
                    }
                    if (t->timed && !route_holds(t, unit, trial, len)) continue;
                    memcpy(seq, trial, sizeof(int32_t) * len);
                    again = any = 1;
                    break;
                }
            }
        }
    }
#undef AT
    return any;
}

/* --- Taking out. --- */

static int32_t served_one(const Task *t, Work *w, const Plan *p)
{
    for (int tries = 0; tries < 64; tries++) {
        int32_t j = below(&w->dice, t->n);
        if (p->in[j] >= 0) return j;
    }
    for (int32_t j = 0; j < t->n; j++) if (p->in[j] >= 0) return j;
    return -1;
}

static void out_strings(const Task *t, Work *w, Plan *p, int32_t count)
{
    int32_t seed = below(&w->dice, t->n), strings = 1 + below(&w->dice, t->r < 4 ? t->r : 4), per = count / strings + 1;
    memset(w->touched, 0, (size_t)t->r);
    for (int32_t i = 0; i < t->n && strings > 0; i++) {
        int32_t j = t->near[(size_t)seed * t->n + i], unit = p->in[j];
        if (unit < 0 || w->touched[unit]) continue;
        int32_t len = p->len[unit], size = 1 + below(&w->dice, per < len ? per : len), k = 0;
        while (p->seq[(size_t)unit * t->n + k] != j) k++;
        int32_t first = k - below(&w->dice, size);
        if (first < 0) first = 0;
        if (first + size > len) first = len - size;
        take_out(t, w, p, unit, first, size);
        strings--;
    }
}

static void out_poorest(const Task *t, Work *w, Plan *p, int32_t count)
{
    while (count-- > 0) {
        int32_t unit = -1, at = -1;
        double least = INFINITY;
        for (int32_t r = 0; r < t->r; r++) {
            const int32_t *seq = p->seq + (size_t)r * t->n, len = p->len[r];
            for (int32_t k = 0; k < len; k++) {
                int32_t a = k ? t->place[seq[k - 1]] : t->from[r], b = k + 1 < len ? t->place[seq[k + 1]] : t->to[r], j = seq[k];
                double freed = way(t, r, a, t->place[j]) + way(t, r, t->place[j], b) - way(t, r, a, b) + t->dwell[j] + t->small;
                double value = t->prize[j] / (freed > t->small ? freed : t->small) * (0.4 + chance(&w->dice));
                if (value < least) { least = value; unit = r; at = k; }
            }
        }
        if (unit < 0) return;
        take_out(t, w, p, unit, at, 1);
    }
}

static void thin_out(const Task *t, Work *w, Plan *p)
{
    int32_t served = 0;
    for (int32_t r = 0; r < t->r; r++) served += p->len[r];
    if (!served) return;
    int32_t most = served / 3 < 30 ? served / 3 : 30;
    double u = chance(&w->dice);
    int32_t count = 1 + (int32_t)(u * u * most);
    int how = below(&w->dice, 16);
    if (how < 8) out_strings(t, w, p, count);
    else if (how < 11) out_poorest(t, w, p, count);
    else if (how < 12) {
        int32_t unit = p->in[served_one(t, w, p)];
        take_out(t, w, p, unit, 0, p->len[unit]);
    } else
        for (int32_t j; count-- > 0 && (j = served_one(t, w, p)) >= 0;) take_stop(t, w, p, j);
}

/* --- Routes worth remembering. --- */

static void remember(const Task *t, Work *w, Pool *pool, const Plan *p)
{
    double value = worth(t, p);
    for (int32_t r = 0; r < t->r; r++) {
        const int32_t *seq = p->seq + (size_t)r * t->n, len = p->len[r];
        if (!len) continue;
        uint64_t hash = 0x9E3779B97F4A7C15ULL * (uint64_t)(t->kind[r] + 1);
        double prize = 0, travel = route_travel(t, r, seq, len);
        for (int32_t k = 0; k < len; k++) { hash ^= w->key[seq[k]]; prize += t->prize[seq[k]]; }
        uint64_t at = hash & pool->mask;
        while (pool->slot[at] >= 0 && pool->hash[pool->slot[at]] != hash) at = (at + 1) & pool->mask;
        int32_t i = pool->slot[at];
        if (i >= 0) {
            if (value > pool->value[i]) pool->value[i] = value;
            if (travel >= pool->travel[i] || pool->len[i] != len) continue;
        } else {
            if (pool->used[0] == pool->most || pool->used[0] * t->n + t->n > pool->room) continue;
            i = pool->slot[at] = (int32_t)pool->used[0]++;
            pool->hash[i] = hash;
            pool->value[i] = value;
        }
        pool->unit[i] = r;
        pool->len[i] = len;
        pool->prize[i] = prize;
        pool->travel[i] = travel;
        memcpy(pool->seq + (size_t)i * t->n, seq, sizeof(int32_t) * len);
    }
}

static void anneal(const Task *t, Work *w, Pool *pool, int64_t turns, double heat, double cool, double keep)
{
    remember(t, w, pool, &w->best);
    for (int64_t turn = 0; turn < turns; turn++, heat *= cool) {
        Plan *p = &w->next;
        plan_copy(t, p, &w->now);
        memset(w->touched, 0, (size_t)t->r);
        thin_out(t, w, p);
        double noise = chance(&w->dice);
        int rule = below(&w->dice, RULES);
        noise = rule == 4 ? 1 : noise * noise * 0.9;
        for (int32_t j = 0; j < t->n; j++) w->weight[j] = 1 - noise * chance(&w->dice);
        memset(w->touched, 1, (size_t)t->r);
        fill(t, w, p, rule);
        int shorter = 0;
        for (int32_t r = 0; r < t->r; r++) if (w->touched[r]) shorter |= straighten(t, w, p, r);
        if (shorter) {
            memset(w->touched, 0, (size_t)t->r);
            if (fill(t, w, p, rule)) for (int32_t r = 0; r < t->r; r++) if (w->touched[r]) straighten(t, w, p, r);
        }
        plan_sum(t, p);
        double change = worth(t, p) - worth(t, &w->now);
        if (p->prize >= keep * w->best.prize) remember(t, w, pool, p);
        if (change >= 0 || chance(&w->dice) < exp(change / (heat > 1e-12 ? heat : 1e-12))) {
            Plan old = w->now;
            w->now = w->next;
            w->next = old;
            if (worth(t, &w->now) > worth(t, &w->best)) plan_copy(t, &w->best, &w->now);
        }
    }
}

/* --- Memory, and the door: contiguous arrays in, arrays filled in place. The caller sees to sizes and ranges. --- */

static int plan_room(const Task *t, Plan *p)
{
    p->len = calloc((size_t)t->r + 1, sizeof(int32_t));
    p->seq = calloc((size_t)t->r * t->n + 1, sizeof(int32_t));
    p->in = calloc((size_t)t->n + 1, sizeof(int32_t));
    p->taken = calloc((size_t)t->groups + 1, sizeof(int32_t));
    return !p->len || !p->seq || !p->in || !p->taken;
}

static void plan_read(const Task *t, Plan *p, const int32_t *len, const int32_t *seq)
{
    memcpy(p->len, len, sizeof(int32_t) * (size_t)t->r);
    memcpy(p->seq, seq, sizeof(int32_t) * (size_t)t->r * t->n);
    plan_sum(t, p);
}

static void plan_write(const Task *t, const Plan *p, int32_t *len, int32_t *seq)
{
    memcpy(len, p->len, sizeof(int32_t) * (size_t)t->r);
    memcpy(seq, p->seq, sizeof(int32_t) * (size_t)t->r * t->n);
}

static void plan_free(Plan *p) { free(p->len); free(p->seq); free(p->in); free(p->taken); }

static int work_room(const Task *t, Work *w, Pool *pool)
{
    size_t cells = (size_t)t->r * t->n + 1;
    int failed = plan_room(t, &w->now) | plan_room(t, &w->next) | plan_room(t, &w->best);
    w->begin = calloc(cells, sizeof(double));
    w->late = calloc(cells, sizeof(double));
    w->cost = calloc(cells, sizeof(double));
    w->at = calloc(cells, sizeof(int32_t));
    w->weight = calloc((size_t)t->n + 1, sizeof(double));
    w->spent = calloc((size_t)t->r + 1, sizeof(double));
    w->wait = calloc((size_t)t->n + 1, sizeof(int32_t));
    w->row = calloc((size_t)t->n + 1, sizeof(int32_t));
    w->touched = calloc((size_t)t->r + 1, 1);
    w->key = calloc((size_t)t->n + 1, sizeof(uint64_t));
    pool->mask = 1;
    while (pool->mask < (uint64_t)pool->most * 2 + 2) pool->mask *= 2;
    pool->slot = malloc(sizeof(int32_t) * pool->mask);
    pool->hash = calloc((size_t)pool->most + 1, sizeof(uint64_t));
    if (failed || !w->begin || !w->late || !w->cost || !w->at || !w->weight || !w->spent || !w->wait || !w->row || !w->touched || !w->key
        || !pool->slot || !pool->hash) return -1;
    memset(pool->slot, 0xff, sizeof(int32_t) * pool->mask);
    pool->mask--;
    return 0;
}

static void work_free(Work *w, Pool *pool)
{
    plan_free(&w->now); plan_free(&w->next); plan_free(&w->best);
    free(w->begin); free(w->late); free(w->cost); free(w->at); free(w->weight); free(w->spent); free(w->wait); free(w->row);
    free(w->touched); free(w->key); free(pool->slot); free(pool->hash);
}

typedef struct { Py_buffer view[MOST_BUFFERS]; int n; } Held;

static void *array_of(Held *held, PyObject *thing, Py_ssize_t width, Py_ssize_t least, int flags)
{
    Py_buffer *view = &held->view[held->n];
    if (PyObject_GetBuffer(thing, view, PyBUF_C_CONTIGUOUS | flags)) return NULL;
    held->n++;
    if (view->itemsize == width && view->len / width >= least) return view->buf;
    PyErr_Format(PyExc_ValueError, "array %d needs %zd numbers of %zd bytes", held->n, least, width);
    return NULL;
}

#define IN(name, k, type, least) do { t.name = array_of(&held, PyTuple_GetItem(arrays, k), sizeof(type), least, 0); if (!t.name) goto end; } while (0)
#define OUT(name, k, type, least) type *name = array_of(&held, PyTuple_GetItem(arrays, k), sizeof(type), least, PyBUF_WRITABLE); if (!name) goto end

static PyObject *search(PyObject *self, PyObject *args)
{
    PyObject *arrays, *done = NULL;
    Py_ssize_t n, r, places, groups, most;
    long long turns;
    unsigned long long seed;
    double heat, cool, keep;
    Task t;
    Held held = {.n = 0};
    if (!PyArg_ParseTuple(args, "nnnnnLKddddddiiO", &n, &r, &places, &groups, &most, &turns, &seed, &heat, &cool,
                          &keep, &t.per_s, &t.slack, &t.small, &t.symmetric, &t.timed, &arrays)) return NULL;
    if (!PyTuple_Check(arrays) || PyTuple_Size(arrays) != 26) {
        PyErr_SetString(PyExc_ValueError, "26 arrays are needed");
        return NULL;
    }
    t.n = (int32_t)n; t.r = (int32_t)r; t.places = (int32_t)places; t.groups = (int32_t)groups;
    IN(by, 24, int32_t, r); IN(most, 25, double, r);
    int32_t ways = 1;
    for (Py_ssize_t k = 0; k < r; k++) if (t.by[k] >= ways) ways = t.by[k] + 1;
    IN(travel, 0, double, (Py_ssize_t)ways * places * places);
    IN(place, 1, int32_t, n); IN(dwell, 2, double, n); IN(opens, 3, double, n); IN(closes, 4, double, n);
    IN(prize, 5, double, n); IN(allowed, 6, uint8_t, n * r); IN(group, 7, int32_t, n); IN(cap, 8, int32_t, groups);
    IN(from, 9, int32_t, r); IN(to, 10, int32_t, r); IN(start, 11, double, r); IN(end, 12, double, r);
    IN(kind, 13, int32_t, r); IN(near, 14, int32_t, n * n);
    OUT(len, 15, int32_t, r);
    OUT(seq, 16, int32_t, r * n);
    OUT(best_len, 17, int32_t, r);
    OUT(best_seq, 18, int32_t, r * n);
    Pool pool = {.most = most, .room = most * n};
    OUT(used, 19, int64_t, 1);
    OUT(p_unit, 20, int32_t, most);
    OUT(p_len, 21, int32_t, most);
    OUT(p_worth, 22, double, 3 * most);
    OUT(p_seq, 23, int32_t, most * n);
    pool.used = used; pool.unit = p_unit; pool.len = p_len; pool.seq = p_seq;
    pool.prize = p_worth; pool.travel = p_worth + most; pool.value = p_worth + 2 * most;
    used[0] = 0;
    Work w;
    memset(&w, 0, sizeof w);
    int failed;
    Py_BEGIN_ALLOW_THREADS
    failed = work_room(&t, &w, &pool);
    if (!failed) {
        w.dice = seed * 0x9E3779B97F4A7C15ULL + 0x1234567ULL;
        for (int k = 0; k < 8; k++) dice(&w.dice);
        uint64_t keys = 0xA5A5F00D12345ULL; /* the same in every run, so that doubles can be known across runs */
        for (Py_ssize_t j = 0; j < n; j++) w.key[j] = dice(&keys);
        plan_read(&t, &w.now, len, seq);
        plan_read(&t, &w.best, best_len, best_seq);
        anneal(&t, &w, &pool, turns, heat, cool, keep);
        plan_write(&t, &w.now, len, seq);
        plan_write(&t, &w.best, best_len, best_seq);
    }
    work_free(&w, &pool);
    Py_END_ALLOW_THREADS
    if (failed) PyErr_NoMemory();
    else done = Py_NewRef(Py_None);
end:
    while (held.n) PyBuffer_Release(&held.view[--held.n]);
    return done;
}

static PyMethodDef methods[] = {
    {"search", search, METH_VARARGS, "Better plans by taking stops out and putting stops in; see search.py."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "native", NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_native(void) { return PyModule_Create(&module); }
