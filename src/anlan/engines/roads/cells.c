/* Searching a large network cell by cell: what crosses a cell is worked out once, a question looks inside those cells
 * only that hold somebody. See cells.py for the words; search_turns in native.c is the plain way to the same answer.
 */
#define SLICE_S 2.0
#include "native.h"

typedef struct { double label_s; int32_t spot; } Waiting;

typedef struct {
    const int32_t *cell;                                    /* of each state: its cell, */
    const uint16_t *spot;                                   /* and its number within */
    const int32_t *size, *gate_indptr;                      /* of each cell: states; gates that lead in, which are its first spots */
    const int32_t *leave_indptr, *leave_gate, *into_cell;   /* gates that lead out of a cell; the cell each leaves */
    const int32_t *move_row, *move_indptr;                  /* first row of a cell: its leaving gates, then its own states; moves */
    const uint16_t *from_spot;
    const float *move_s;
    const int64_t *row_at;                                  /* where the row of a gate begins */
    double *label;                                          /* of the states of one cell, by spot */
    Waiting *heap;
    int64_t n_heap, most_heap;
    int32_t n_gates, first_row;                             /* of the cell looked at; first_row is that of spot 0 */
    const int32_t *row_state;                               /* where ways are asked for: the state of each row, */
    int32_t *onward;                                        /* and by spot the state that follows on the quickest way */
} Inside;

static void heap_push(Inside *in, double label_s, int32_t spot)
{
    int64_t at = in->n_heap++;
    while (at > 0) {
        const int64_t above = (at - 1) >> 1;
        if (in->heap[above].label_s <= label_s) break;
        in->heap[at] = in->heap[above];
        at = above;
    }
    in->heap[at].label_s = label_s;
    in->heap[at].spot = spot;
}

static Waiting heap_pop(Inside *in)
{
    const Waiting top = in->heap[0], last = in->heap[--in->n_heap];
    int64_t at = 0;
    for (;;) {
        int64_t below = 2 * at + 1;
        if (below >= in->n_heap) break;
        if (below + 1 < in->n_heap && in->heap[below + 1].label_s < in->heap[below].label_s) below++;
        if (in->heap[below].label_s >= last.label_s) break;
        in->heap[at] = in->heap[below];
        at = below;
    }
    if (in->n_heap) in->heap[at] = last;
    return top;
}

static void cell_begin(Inside *in, int32_t cell)
{
    in->n_heap = 0;
    in->n_gates = in->gate_indptr[cell + 1] - in->gate_indptr[cell];
    in->first_row = in->move_row[cell] + in->leave_indptr[cell + 1] - in->leave_indptr[cell] - in->n_gates;
    for (int32_t k = 0; k < in->size[cell]; k++) in->label[k] = INFINITY;
}

/* A label for one state of the cell. A gate leads in from another cell: the search ends there. */
static inline void cell_put(Inside *in, int32_t spot, double label_s, int32_t onward)
{
    if (!(label_s < in->label[spot])) return;
    in->label[spot] = label_s;
    if (in->onward) in->onward[spot] = onward;
    if (spot >= in->n_gates && in->n_heap < in->most_heap) heap_push(in, label_s, spot);
}

static inline void cell_hand_on(Inside *in, int32_t row, double label_s)
{
    const int32_t onward = in->onward ? in->row_state[row] : -1;
    for (int32_t move = in->move_indptr[row]; move < in->move_indptr[row + 1]; move++)
        cell_put(in, in->from_spot[move], label_s + (double)in->move_s[move], onward);
}

/* `asked` are the states somebody waits for: once none of their labels can fall any more, the rest is left alone. */
static void cell_run(Inside *in, const int32_t *asked, Py_ssize_t n_asked)
{
    while (in->n_heap) {
        const Waiting next = heap_pop(in);
        if (next.label_s > in->label[next.spot]) continue;
        if (n_asked) {
            double until_s = 0.0;
            for (Py_ssize_t k = 0; k < n_asked; k++)
                if (in->label[in->spot[asked[k]]] > until_s) until_s = in->label[in->spot[asked[k]]];
            if (next.label_s >= until_s) break;
        }
        cell_hand_on(in, in->first_row + next.spot, next.label_s);
    }
}

static int inside_begin(Inside *in, Py_ssize_t most_states, Py_ssize_t most_moves)
{
    in->label = malloc((size_t)(most_states + 1) * sizeof(double));
    in->heap = malloc((size_t)(most_moves + 1) * sizeof(Waiting));
    in->most_heap = most_moves;
    return in->label && in->heap ? 0 : -1;
}

#define MOST_MARKS 32

/* One place that asks: the gates out of its cell with the seconds there, and those from it to the landmarks. */
typedef struct {
    int32_t *leave;
    double *leave_s;
    Py_ssize_t n_leave;
    const float *to_mark_s;      /* from the end of each gate to each landmark */
    double from_s[MOST_MARKS];   /* from the place to each, were it as quick from those gates on as it was then */
    Py_ssize_t n_marks;
    double quicker;              /* no road takes a smaller share of its time when those were worked out */
    double *ahead;               /* per gate what `ahead_of` gave, below nothing where nobody asked */
} Asker;

/* Labels are sums of numbers in single precision. */
static const double ROUNDING_S = 0.02;

/* Between gates: a gate's row holds the seconds from every gate that leads into the cell it leaves. */
typedef struct {
    const float *rows;
    const double *least;         /* the smallest number of each row */
    double *gate_s, *settled;    /* per gate: its label, and the label it was handed on with */
    double *latest;              /* per cell: no gate into it has a later label */
    int32_t *slice;              /* the gates of the slice looked at, at most so many */
    int64_t n_gates;
    const Asker *asker;          /* who asks, where it is one alone */
} Between;

/* No way from the asker to the end of a gate is quicker, by the triangle of asker, gate and landmark (ALT: A. Goldberg,
 * C. Harrelson, 2005, "Computing the shortest path: A* search meets graph theory", SODA). */
static double ahead_of(const Asker *asker, int32_t gate)
{
    if (asker->ahead[gate] >= 0.0) return asker->ahead[gate];
    const float *to_mark_s = asker->to_mark_s + gate * asker->n_marks;
    double most_s = 0.0;
    for (Py_ssize_t k = 0; k < asker->n_marks; k++) {
        const double gain_s = asker->from_s[k] - (double)to_mark_s[k] * asker->quicker;
        /* An end that is infinitely far, or both, tells nothing. */
        if (gain_s > most_s && gain_s < INFINITY) most_s = gain_s;
    }
    return asker->ahead[gate] = fmax(most_s - ROUNDING_S, 0.0);
}

/* Gates are looked at in the order of the whole way that could lead through them (A*, Hart, Nilsson and Raphael 1968). */
static inline int64_t due_of(const Between *be, int32_t gate, double label_s, int64_t now)
{
    return slice_of(be->asker ? label_s + ahead_of(be->asker, gate) : label_s, now);
}

/* Whether nothing that still waits can lead to a quicker way than the one found. */
static int gates_done(const Between *be, int64_t now)
{
    if (!be->asker) return 0;
    for (Py_ssize_t k = 0; k < be->asker->n_leave; k++)
        if (be->gate_s[be->asker->leave[k]] + be->asker->leave_s[k] <= (double)now * SLICE_S) return 1;
    return 0;
}

/* Hand the label of a gate on to the gates of the cell it leaves. */
static int gate_hand_on(const Inside *in, const Between *be, Queue *q, int32_t gate, int64_t now)
{
    const double label = be->gate_s[gate];
    const int32_t cell = in->into_cell[gate], first = in->gate_indptr[cell];
    const int32_t count = in->gate_indptr[cell + 1] - first;
    be->settled[gate] = label;
    if (label + be->least[gate] >= be->latest[cell]) return 0;
    const float *across = be->rows + in->row_at[gate];
    double *there = be->gate_s + first, latest = 0.0;
    for (int32_t k = 0; k < count; k++) {
        const double onward_s = label + (double)across[k];
        if (onward_s < there[k]) {
            const int64_t due = due_of(be, first + k, onward_s, now);
            /* Where it waits in that very slice already, its label is read when its turn comes. */
            const int is_waiting = there[k] < INFINITY && be->settled[first + k] > there[k] && due_of(be, first + k, there[k], now) == due;
            there[k] = onward_s;
            if (!is_waiting && queue_put(q, first + k, due)) return -1;
        }
        if (there[k] > latest) latest = there[k];
    }
    be->latest[cell] = latest;
    return 0;
}

static int gates_run(const Inside *in, const Between *be, Queue *q)
{
    for (int64_t now = 0; q->waiting; now++) {
        int32_t *slot = &q->first[now % SLICES];
        if (gates_done(be, now)) return 0;
        while (*slot >= 0) {
            int64_t n = 0;
            while (*slot >= 0 && n < be->n_gates) {
                const int32_t at = *slot, gate = q->entry[at].state;
                *slot = q->entry[at].next;
                q->waiting--;
                if (be->settled[gate] <= be->gate_s[gate]) continue;
                const int64_t due = due_of(be, gate, be->gate_s[gate], now);
                if (due == now) {
                    be->slice[n++] = gate;
                    __builtin_prefetch(be->rows + in->row_at[gate]);
                    continue;
                }
                int32_t *onward = &q->first[due % SLICES];
                q->entry[at].next = *onward;
                *onward = at;
                q->waiting++;
            }
            for (int64_t k = 0; k < n; k++) {
                const int32_t gate = be->slice[k];
                if (k + 2 < n) {
                    const float *soon = be->rows + in->row_at[be->slice[k + 2]];
                    for (int64_t line = 0; line < 64; line += 16) __builtin_prefetch(soon + line);
                }
                if (be->settled[gate] <= be->gate_s[gate]) continue;
                if (gate_hand_on(in, be, q, gate, now)) return -1;
            }
        }
    }
    return 0;
}

typedef struct { const int32_t *state; const double *seconds; Py_ssize_t n; } Tails;

static void tails_put(Inside *in, const Tails *tails, int32_t cell)
{
    for (Py_ssize_t k = 0; k < tails->n; k++)
        if (in->cell[tails->state[k]] == cell) cell_put(in, in->spot[tails->state[k]], tails->seconds[k], -1);
}

/* From the place out to the gates of its own cells. */
static int tails_out(Inside *in, const Tails *tails, const Between *be, Queue *q)
{
    for (Py_ssize_t k = 0; k < tails->n; k++) {
        const int32_t cell = in->cell[tails->state[k]];
        int is_done = 0;
        for (Py_ssize_t before = 0; before < k; before++) is_done |= in->cell[tails->state[before]] == cell;
        if (is_done) continue;
        cell_begin(in, cell);
        tails_put(in, tails, cell);
        cell_run(in, NULL, 0);
        const int32_t first = in->gate_indptr[cell];
        for (int32_t gate = 0; gate < in->n_gates; gate++) {
            if (!(in->label[gate] < be->gate_s[first + gate])) continue;
            be->gate_s[first + gate] = in->label[gate];
            if (queue_put(q, first + gate, due_of(be, first + gate, in->label[gate], 0))) return -1;
        }
    }
    return 0;
}

/* What is known around a cell comes in: the place where it lies there, and the labels of the gates one leaves by. */
static void cell_open(Inside *in, const Tails *tails, const double *gate_s, int32_t cell)
{
    const int32_t leave = in->leave_indptr[cell];
    cell_begin(in, cell);
    tails_put(in, tails, cell);
    for (int32_t at = leave; at < in->leave_indptr[cell + 1]; at++) {
        const double label_s = gate_s[in->leave_gate[at]];
        if (label_s < INFINITY) cell_hand_on(in, in->move_row[cell] + at - leave, label_s);
    }
}

/* From the gates into each cell that is asked about; states asked about come cell by cell. */
static void cells_in(Inside *in, const Tails *tails, const double *gate_s, const int32_t *ask, Py_ssize_t n_ask, double *out)
{
    int32_t open = -1;
    for (Py_ssize_t k = 0; k < n_ask; k++) {
        const int32_t cell = in->cell[ask[k]];
        if (cell != open) {
            open = cell;
            cell_open(in, tails, gate_s, cell);
            Py_ssize_t same = k + 1;
            while (same < n_ask && in->cell[ask[same]] == cell) same++;
            cell_run(in, ask + k, same - k);
        }
        out[k] = in->label[in->spot[ask[k]]];
    }
}

static int holds_tail(const Inside *in, const Tails *tails, int32_t cell)
{
    for (Py_ssize_t k = 0; k < tails->n; k++)
        if (in->cell[tails->state[k]] == cell) return 1;
    return 0;
}

/* A cell crossed from one of its gates: by which gate the quickest way leaves it, its rows tell; only that is looked at. */
static void cell_cross(Inside *in, const Between *be, int32_t cell, int32_t state)
{
    const int32_t leave = in->leave_indptr[cell];
    int32_t by = leave;
    double least_s = INFINITY;
    for (int32_t at = leave; at < in->leave_indptr[cell + 1]; at++) {
        const int32_t gate = in->leave_gate[at];
        const double label_s = be->gate_s[gate] + (double)be->rows[in->row_at[gate] + in->spot[state]];
        if (label_s < least_s) { least_s = label_s; by = at; }
    }
    cell_begin(in, cell);
    if (least_s < INFINITY) cell_hand_on(in, in->move_row[cell] + by - leave, 0.0);
}

/* The states of the quickest way from the end of one to the place, cell after cell; how many, or -1 for one without end. */
static int64_t chain_follow(Inside *in, const Between *be, const Tails *tails, int32_t state, int32_t *chain, int64_t room)
{
    int64_t n = 0;
    for (int32_t open = -1; state >= 0;) {
        if (n == room) return -1;
        chain[n++] = state;
        if (in->cell[state] != open) {
            const int is_first = open < 0;
            open = in->cell[state];
            if (is_first || holds_tail(in, tails, open)) cell_open(in, tails, be->gate_s, open);
            else cell_cross(in, be, open, state);
            cell_run(in, &state, 1);
            if (!(in->label[in->spot[state]] < INFINITY)) return -1;
        }
        state = in->onward[in->spot[state]];
    }
    return n;
}

typedef struct { Py_ssize_t n_states, n_moves, n_cells, n_gates, most_states, most_moves; } Sizes;

#define WORLD                                                         \
    IN(cell, o[0], int32_t, z.n_states);                              \
    IN(spot, o[1], uint16_t, z.n_states);                             \
    IN(size, o[2], int32_t, z.n_cells);                               \
    IN(gate_indptr, o[3], int32_t, z.n_cells + 1);                    \
    IN(leave_indptr, o[4], int32_t, z.n_cells + 1);                   \
    IN(leave_gate, o[5], int32_t, z.n_gates);                         \
    IN(into_cell, o[6], int32_t, z.n_gates);                          \
    IN(move_row, o[7], int32_t, z.n_cells);                           \
    IN(move_indptr, o[8], int32_t, z.n_states + 1);                   \
    IN(from_spot, o[9], uint16_t, z.n_moves);                         \
    IN(move_s, o[10], float, z.n_moves);                              \
    IN(row_at, o[11], int64_t, z.n_gates);                            \
    Inside in = {.cell = cell, .spot = spot, .size = size, .gate_indptr = gate_indptr, .leave_indptr = leave_indptr,   \
                 .leave_gate = leave_gate, .into_cell = into_cell, .move_row = move_row, .move_indptr = move_indptr,   \
                 .from_spot = from_spot, .move_s = move_s, .row_at = row_at}

PyObject *cells_price(PyObject *self, PyObject *args)
{
    PyObject *o[15], *done = NULL;
    Sizes z;
    Py_ssize_t n_asked, n_rows;
    Held held = {.n = 0};
    if (!PyArg_ParseTuple(args, "nnnnnnnnOOOOOOOOOOOOOOO", &z.n_states, &z.n_moves, &z.n_cells, &z.n_gates,
                          &z.most_states, &z.most_moves, &n_asked, &n_rows, &o[0], &o[1], &o[2], &o[3], &o[4], &o[5],
                          &o[6], &o[7], &o[8], &o[9], &o[10], &o[11], &o[12], &o[13], &o[14]))
        return NULL;
    WORLD;
    IN(asked, o[12], int32_t, n_asked);
    OUT(rows, o[13], float, n_rows);
    OUT(least, o[14], double, z.n_gates);
    int failed;
    Py_BEGIN_ALLOW_THREADS
    failed = inside_begin(&in, z.most_states, z.most_moves);
    for (Py_ssize_t k = 0; k < n_asked && !failed; k++) {
        const int32_t at = asked[k];
        for (int32_t leave = leave_indptr[at]; leave < leave_indptr[at + 1]; leave++) {
            const int32_t gate = leave_gate[leave];
            cell_begin(&in, at);
            cell_hand_on(&in, move_row[at] + leave - leave_indptr[at], 0.0);
            cell_run(&in, NULL, 0);
            least[gate] = INFINITY;
            for (int32_t k = 0; k < in.n_gates; k++) {
                rows[row_at[gate] + k] = (float)in.label[k];
                if (in.label[k] < least[gate]) least[gate] = in.label[k];
            }
        }
    }
    free(in.label);
    free(in.heap);
    Py_END_ALLOW_THREADS
    if (failed) PyErr_NoMemory();
    else done = Py_NewRef(Py_None);
end:
    held_release(&held);
    return done;
}

PyObject *cells_ask(PyObject *self, PyObject *args)
{
    PyObject *o[18], *done = NULL;
    Sizes z;
    Tails tails;
    Py_ssize_t n_ask, n_rows;
    Held held = {.n = 0};
    if (!PyArg_ParseTuple(args, "nnnnnnnnnOOOOOOOOOOOOOOOOOO", &z.n_states, &z.n_moves, &z.n_cells, &z.n_gates,
                          &z.most_states, &z.most_moves, &n_rows, &tails.n, &n_ask, &o[0], &o[1], &o[2], &o[3], &o[4],
                          &o[5], &o[6], &o[7], &o[8], &o[9], &o[10], &o[11], &o[12], &o[13], &o[14], &o[15], &o[16], &o[17]))
        return NULL;
    WORLD;
    IN(rows, o[12], float, n_rows);
    IN(least, o[13], double, z.n_gates);
    IN(tail_state, o[14], int32_t, tails.n);
    IN(tail_s, o[15], double, tails.n);
    IN(ask, o[16], int32_t, n_ask);
    OUT(found, o[17], double, n_ask ? n_ask : z.n_gates);
    tails.state = tail_state;
    tails.seconds = tail_s;
    double *gate_s = NULL;
    int32_t *slice = NULL;
    int failed;
    Queue q;
    Py_BEGIN_ALLOW_THREADS
    const Py_ssize_t n_labels = 2 * z.n_gates + z.n_cells;
    gate_s = malloc((size_t)(n_labels + 1) * sizeof(double));
    slice = malloc((size_t)(z.n_gates + 1) * sizeof(int32_t));
    failed = inside_begin(&in, z.most_states, z.most_moves + tails.n) | queue_begin(&q, z.n_gates + 1024);
    failed |= !gate_s || !slice;
    if (!failed) {
        Between be = {rows, least, gate_s, gate_s + z.n_gates, gate_s + 2 * z.n_gates, slice, z.n_gates, NULL};
        for (Py_ssize_t k = 0; k < n_labels; k++) gate_s[k] = INFINITY;
        failed = tails_out(&in, &tails, &be, &q) || gates_run(&in, &be, &q);
    }
    if (!failed && n_ask) cells_in(&in, &tails, gate_s, ask, n_ask, found);
    else if (!failed) memcpy(found, gate_s, (size_t)z.n_gates * sizeof(double));
    free(gate_s);
    free(slice);
    free(q.entry);
    free(in.label);
    free(in.heap);
    Py_END_ALLOW_THREADS
    if (failed) PyErr_NoMemory();
    else done = Py_NewRef(Py_None);
end:
    held_release(&held);
    return done;
}

/* From the asker out of its own cells: each gate that leads out, and the seconds to its end. */
static void asker_leaves(Inside *in, Asker *asker, const int32_t *ask, const double *ask_s, Py_ssize_t n_ask)
{
    asker->n_leave = 0;
    for (Py_ssize_t k = 0; k < n_ask; k++) {
        const int32_t cell = in->cell[ask[k]], leave = in->leave_indptr[cell];
        for (int32_t at = leave; at < in->leave_indptr[cell + 1]; at++) {
            cell_begin(in, cell);
            cell_hand_on(in, in->move_row[cell] + at - leave, 0.0);
            cell_run(in, ask + k, 1);
            asker->leave[asker->n_leave] = in->leave_gate[at];
            asker->leave_s[asker->n_leave++] = ask_s[k] + in->label[in->spot[ask[k]]];
        }
    }
    for (Py_ssize_t mark = 0; mark < asker->n_marks; mark++) {
        asker->from_s[mark] = INFINITY;
        for (Py_ssize_t k = 0; k < asker->n_leave; k++) {
            const double there_s = (double)asker->to_mark_s[asker->leave[k] * asker->n_marks + mark];
            asker->from_s[mark] = fmin(asker->from_s[mark], asker->leave_s[k] + there_s * asker->quicker);
        }
    }
}

static Py_ssize_t leaves_of(const int32_t *cell, const int32_t *leave_indptr, const int32_t *ask, Py_ssize_t n_ask)
{
    Py_ssize_t n = 0;
    for (Py_ssize_t k = 0; k < n_ask; k++) n += leave_indptr[cell[ask[k]] + 1] - leave_indptr[cell[ask[k]]];
    return n;
}

/* The quickest way from one of a few states (each with seconds that come first) to a place: its seconds, its states and
 * how many they are; fewer than none where rounding led it in a circle. */
PyObject *cells_quickest(PyObject *self, PyObject *args)
{
    PyObject *o[21], *done = NULL;
    Sizes z;
    Tails tails;
    Asker asker = {0};
    Py_ssize_t n_ask, n_rows, room;
    Held held = {.n = 0};
    if (!PyArg_ParseTuple(args, "nnnnnnnnnnndOOOOOOOOOOOOOOOOOOOOO", &z.n_states, &z.n_moves, &z.n_cells, &z.n_gates,
                          &z.most_states, &z.most_moves, &n_rows, &tails.n, &n_ask, &room, &asker.n_marks, &asker.quicker,
                          &o[0], &o[1], &o[2], &o[3], &o[4], &o[5], &o[6], &o[7], &o[8], &o[9], &o[10], &o[11], &o[12],
                          &o[13], &o[14], &o[15], &o[16], &o[17], &o[18], &o[19], &o[20]))
        return NULL;
    if (asker.n_marks > MOST_MARKS) return PyErr_Format(PyExc_ValueError, "at most %d landmarks", MOST_MARKS);
    WORLD;
    IN(rows, o[12], float, n_rows);
    IN(least, o[13], double, z.n_gates);
    IN(row_state, o[14], int32_t, z.n_states);
    IN(tail_state, o[15], int32_t, tails.n);
    IN(tail_s, o[16], double, tails.n);
    IN(ask, o[17], int32_t, n_ask);
    IN(ask_s, o[18], double, n_ask);
    IN(to_mark_s, o[19], float, z.n_gates * asker.n_marks);
    OUT(chain, o[20], int32_t, room);
    tails.state = tail_state;
    tails.seconds = tail_s;
    asker.to_mark_s = to_mark_s;
    double *gate_s = NULL, *found = NULL, best_s = INFINITY;
    int32_t *slice = NULL, *onward = NULL;
    int64_t n_chain = 0;
    int failed;
    Queue q;
    Py_BEGIN_ALLOW_THREADS
    const Py_ssize_t n_labels = 2 * z.n_gates + z.n_cells, n_leaves = leaves_of(cell, leave_indptr, ask, n_ask);
    gate_s = malloc((size_t)(n_labels + z.n_gates + 1) * sizeof(double));
    found = malloc((size_t)(n_ask + 1) * sizeof(double));
    slice = malloc((size_t)(z.n_gates + 1) * sizeof(int32_t));
    onward = malloc((size_t)(z.most_states + 1) * sizeof(int32_t));
    asker.leave = malloc((size_t)(n_leaves + 1) * sizeof(int32_t));
    asker.leave_s = malloc((size_t)(n_leaves + 1) * sizeof(double));
    failed = inside_begin(&in, z.most_states, z.most_moves + tails.n) | queue_begin(&q, z.n_gates + 1024);
    failed |= !gate_s || !found || !slice || !onward || !asker.leave || !asker.leave_s;
    Between be = {0};
    if (!failed) {
        be = (Between){rows, least, gate_s, gate_s + z.n_gates, gate_s + 2 * z.n_gates, slice, z.n_gates, &asker};
        for (Py_ssize_t k = 0; k < n_labels; k++) gate_s[k] = INFINITY;
        asker.ahead = gate_s + n_labels;
        for (Py_ssize_t k = 0; k < z.n_gates; k++) asker.ahead[k] = -1.0;
        asker_leaves(&in, &asker, ask, ask_s, n_ask);
        failed = tails_out(&in, &tails, &be, &q) || gates_run(&in, &be, &q);
    }
    if (!failed) {
        int32_t from = -1;
        cells_in(&in, &tails, gate_s, ask, n_ask, found);
        for (Py_ssize_t k = 0; k < n_ask; k++)
            if (found[k] + ask_s[k] < best_s) { best_s = found[k] + ask_s[k]; from = ask[k]; }
        in.row_state = row_state;
        in.onward = onward;
        if (from >= 0) n_chain = chain_follow(&in, &be, &tails, from, chain, room);
    }
    free(gate_s);
    free(found);
    free(slice);
    free(onward);
    free(asker.leave);
    free(asker.leave_s);
    free(q.entry);
    free(in.label);
    free(in.heap);
    Py_END_ALLOW_THREADS
    if (failed) PyErr_NoMemory();
    else done = Py_BuildValue("dn", best_s, (Py_ssize_t)n_chain);
end:
    held_release(&held);
    return done;
}
