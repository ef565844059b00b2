/* The two loops of the road engine that a vector language makes slow: the search backward from a place, and the
 * nearest piece of road. Both are told whole arrays and give whole arrays; the interpreter is let go meanwhile.
 * Each has a second way to the same answer (search.py: SciPy's Dijkstra; snap.py: a tree), which the tests hold it
 * to and which serves where this file was not compiled.
 */
#include "native.h"

typedef struct {
    const int32_t *indptr, *come_from, *tail, *n_in;
    const float *turn_s;
    const double *own_s;
    double reach_s;
    double *found, *settled, *latest;
    int32_t *following;
} Search;

/* Hand the label of state b on to the states from whose end one turns into it. */
static int hand_on(const Search *s, Queue *q, int32_t b, int64_t now)
{
    const double label_b = s->found[b], own_s = s->own_s[b];
    const int32_t junction = s->tail[b], start = s->indptr[b], stop = s->indptr[b + 1];
    s->settled[b] = label_b;
    /* All roads into this junction have labels no later than this one could give. */
    if (label_b + own_s >= s->latest[junction]) return 0;
    double last = 0.0;
    for (int32_t row = start; row < stop; row++) {
        const int32_t a = s->come_from[row];
        const double label = label_b + ((double)s->turn_s[row] + own_s);
        if (label < s->found[a] && label <= s->reach_s) {
            s->found[a] = label;
            s->following[a] = b;
            if (label + s->own_s[a] < s->latest[s->tail[a]] && queue_put(q, a, slice_of(label, now))) return -1;
        }
        if (s->found[a] > last) last = s->found[a];
    }
    if (stop - start == s->n_in[junction]) s->latest[junction] = last;
    return 0;
}

static int search_run(const Search *s, Queue *q)
{
    for (int64_t now = 0; q->waiting; now++) {
        int32_t *slot = &q->first[now % SLICES];
        while (*slot >= 0) {
            const int32_t at = *slot;
            const int32_t b = q->entry[at].state;
            *slot = q->entry[at].next;
            q->waiting--;
            if (s->settled[b] <= s->found[b]) continue;
            const int64_t due = slice_of(s->found[b], now);
            if (due == now) {
                if (hand_on(s, q, b, now)) return -1;
            } else {
                int32_t *onward = &q->first[due % SLICES];
                q->entry[at].next = *onward;
                *onward = at;
                q->waiting++;
            }
        }
    }
    return 0;
}

/* The nearest piece of road to one point. Samples of all pieces lie in the cells of a grid; cells are looked
 * through in rings, until nothing unseen can be nearer. */
typedef struct {
    const double *lon, *lat;
    const int64_t *piece_start, *piece_link;
    const uint8_t *usable;
    const int32_t *cell_indptr, *cell_piece;
    double west, south, step_lon, step_lat, metre_per_deg, reach_m;
    int64_t columns, rows, most_rings;
} Grid;

typedef struct { int64_t piece; double share, miss_m; } Nearest;

static const double TIE_M = 1e-9;

static void look_at_cell(const Grid *g, int64_t cell, double lon, double lat, double squeeze, Nearest *best)
{
    for (int32_t k = g->cell_indptr[cell]; k < g->cell_indptr[cell + 1]; k++) {
        const int64_t piece = g->cell_piece[k], start = g->piece_start[piece];
        if (!g->usable[g->piece_link[piece]]) continue;
        const double scale = g->metre_per_deg;
        const double east = (g->lon[start] - lon) * (scale * squeeze), north = (g->lat[start] - lat) * scale;
        const double run_east = (g->lon[start + 1] - g->lon[start]) * (scale * squeeze);
        const double run_north = (g->lat[start + 1] - g->lat[start]) * scale;
        const double squared = run_east * run_east + run_north * run_north;
        double share = -(east * run_east + north * run_north) / (squared > 0.0 ? squared : 1.0);
        share = share < 0.0 ? 0.0 : share > 1.0 ? 1.0 : share;
        const double miss = hypot(east + share * run_east, north + share * run_north);
        /* Where several pieces touch, the lowest one wins, whatever the order seen. */
        if (miss < best->miss_m - TIE_M || (miss <= best->miss_m + TIE_M && piece < best->piece)) {
            best->piece = piece;
            best->share = share;
            best->miss_m = miss;
        }
    }
}

/* Metres from the point to the nearest side of the block of cells looked at so far; a hundredth less, because the
 * plane around the point is not the sphere. */
static double unseen_m(const Grid *g, double lon, double lat, double squeeze, int64_t col, int64_t row, int64_t ring)
{
    const double scale = g->metre_per_deg;
    const double to_west = (lon - (g->west + (double)(col - ring) * g->step_lon)) * scale * squeeze;
    const double to_east = ((g->west + (double)(col + ring + 1) * g->step_lon) - lon) * scale * squeeze;
    const double to_south = (lat - (g->south + (double)(row - ring) * g->step_lat)) * scale;
    const double to_north = ((g->south + (double)(row + ring + 1) * g->step_lat) - lat) * scale;
    return 0.99 * fmin(fmin(to_west, to_east), fmin(to_south, to_north));
}

static Nearest nearest_piece(const Grid *g, double lon, double lat)
{
    Nearest best = {-1, 0.0, INFINITY};
    const double squeeze = cos(lat * (3.14159265358979323846 / 180.0));
    const double col_at = floor((lon - g->west) / g->step_lon), row_at = floor((lat - g->south) / g->step_lat);
    const double far = (double)g->most_rings;
    if (!(col_at > -far && col_at < (double)g->columns + far && row_at > -far && row_at < (double)g->rows + far))
        return best;
    const int64_t col = (int64_t)col_at, row = (int64_t)row_at;
    for (int64_t ring = 0; ring <= g->most_rings; ring++) {
        const int64_t south = row - ring, north = row + ring, west = col - ring, east = col + ring;
        for (int64_t y = south < 0 ? 0 : south; y <= north && y < g->rows; y++) {
            const int64_t step = (y == south || y == north || ring == 0) ? 1 : 2 * ring;
            for (int64_t x = west; x <= east; x += step)
                if (x >= 0 && x < g->columns) look_at_cell(g, y * g->columns + x, lon, lat, squeeze, &best);
        }
        if (unseen_m(g, lon, lat, squeeze, col, row, ring) >= best.miss_m + g->reach_m) return best;
    }
    best.piece = -1;
    return best;
}

/* --- The doors. --- */

static int search_begin(Search *s, Queue *q, Py_ssize_t n, Py_ssize_t n_junctions)
{
    const int no_queue = queue_begin(q, n + 1024);
    s->settled = malloc((size_t)(n + 1) * sizeof(double));
    s->latest = malloc((size_t)(n_junctions + 1) * sizeof(double));
    if (no_queue || !s->settled || !s->latest) return -1;
    for (Py_ssize_t k = 0; k < n; k++) { s->found[k] = s->settled[k] = INFINITY; s->following[k] = -1; }
    for (Py_ssize_t k = 0; k < n_junctions; k++) s->latest[k] = INFINITY;
    return 0;
}

static PyObject *search_turns(PyObject *self, PyObject *args)
{
    PyObject *o[10], *done = NULL;
    Py_ssize_t n, n_junctions, n_moves, n_tails;
    int place;
    double reach_s;
    Held held = {.n = 0};
    if (!PyArg_ParseTuple(args, "nnnnidOOOOOOOOOO", &n, &n_junctions, &n_moves, &n_tails, &place, &reach_s,
                          &o[0], &o[1], &o[2], &o[3], &o[4], &o[5], &o[6], &o[7], &o[8], &o[9])) return NULL;
    IN(indptr, o[0], int32_t, n + 1);
    IN(come_from, o[1], int32_t, n_moves);
    IN(turn_s, o[2], float, n_moves);
    IN(own_s, o[3], double, n);
    IN(tail, o[4], int32_t, n);
    IN(n_in, o[5], int32_t, n_junctions);
    IN(tails, o[6], int32_t, n_tails);
    IN(tail_s, o[7], double, n_tails);
    OUT(found, o[8], double, n);
    OUT(following, o[9], int32_t, n);
    Search s = {indptr, come_from, tail, n_in, turn_s, own_s, reach_s, found, NULL, NULL, following};
    Queue q;
    int failed;
    Py_BEGIN_ALLOW_THREADS
    failed = search_begin(&s, &q, n, n_junctions);
    for (Py_ssize_t k = 0; k < n_tails && !failed; k++) {
        if (!(tail_s[k] < found[tails[k]] && tail_s[k] <= reach_s)) continue;
        found[tails[k]] = tail_s[k];
        following[tails[k]] = place;
        failed = queue_put(&q, tails[k], slice_of(tail_s[k], 0));
    }
    if (!failed) failed = search_run(&s, &q);
    free(q.entry);
    free(s.settled);
    free(s.latest);
    Py_END_ALLOW_THREADS
    if (failed) PyErr_NoMemory();
    else done = Py_NewRef(Py_None);
end:
    held_release(&held);
    return done;
}

static PyObject *nearest(PyObject *self, PyObject *args)
{
    PyObject *o[12], *done = NULL;
    Py_ssize_t n, n_points, n_pieces, n_links, columns, rows, rings, n_laid;
    Grid g;
    Held held = {.n = 0};
    if (!PyArg_ParseTuple(args, "nnnnnnnnddddddOOOOOOOOOOOO", &n, &n_points, &n_pieces, &n_links, &columns, &rows,
                          &rings, &n_laid, &g.west, &g.south, &g.step_lon, &g.step_lat, &g.metre_per_deg, &g.reach_m,
                          &o[0], &o[1], &o[2], &o[3], &o[4], &o[5], &o[6], &o[7], &o[8], &o[9], &o[10], &o[11]))
        return NULL;
    IN(lon, o[0], double, n_points);
    IN(lat, o[1], double, n_points);
    IN(piece_start, o[2], int64_t, n_pieces);
    IN(piece_link, o[3], int64_t, n_pieces);
    IN(usable, o[4], uint8_t, n_links);
    IN(cell_indptr, o[5], int32_t, columns * rows + 1);
    IN(cell_piece, o[6], int32_t, n_laid);
    IN(at_lon, o[7], double, n);
    IN(at_lat, o[8], double, n);
    OUT(piece, o[9], int64_t, n);
    OUT(share, o[10], double, n);
    OUT(miss_m, o[11], double, n);
    g.lon = lon; g.lat = lat; g.piece_start = piece_start; g.piece_link = piece_link; g.usable = usable;
    g.cell_indptr = cell_indptr; g.cell_piece = cell_piece; g.columns = columns; g.rows = rows; g.most_rings = rings;
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t k = 0; k < n; k++) {
        Nearest best = nearest_piece(&g, at_lon[k], at_lat[k]);
        piece[k] = best.piece;
        share[k] = best.share;
        miss_m[k] = best.miss_m;
    }
    Py_END_ALLOW_THREADS
    done = Py_NewRef(Py_None);
end:
    held_release(&held);
    return done;
}

static PyMethodDef methods[] = {
    {"search_turns", search_turns, METH_VARARGS, "Seconds to a place from the end of every state; see moves.py."},
    {"nearest", nearest, METH_VARARGS, "The nearest piece of road to each point; see snap.py."},
    {"cells_price", cells_price, METH_VARARGS, "Seconds across cells; see cells.py."},
    {"cells_quickest", cells_quickest, METH_VARARGS, "The states of the quickest way to a place; see cells.py."},
    {"cells_ask", cells_ask, METH_VARARGS, "Seconds to a place from some states; see cells.py."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "native", NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_native(void) { return PyModule_Create(&module); }
