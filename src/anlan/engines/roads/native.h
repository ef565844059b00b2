/* What the compiled parts share: a queue of slices, and arrays handed in from Python. */
#ifndef ANLAN_ROADS_NATIVE_H
#define ANLAN_ROADS_NATIVE_H

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* States wait in slices of this many seconds (Dial's buckets). Within a slice labels are still corrected, so the
 * width decides the speed and never the answer. */
#ifndef SLICE_S
#define SLICE_S 0.5
#endif
#define SLICES 1024
#define MOST_BUFFERS 24

typedef struct { int32_t state, next; } Entry;

typedef struct {
    Entry *entry;
    int64_t used, room, waiting;
    int32_t first[SLICES];
} Queue;

static inline int queue_put(Queue *q, int32_t state, int64_t slice)
{
    if (q->used == q->room) {
        int64_t room = q->room * 2;
        if (room > INT32_MAX) return -1;
        Entry *more = realloc(q->entry, (size_t)room * sizeof(Entry));
        if (!more) return -1;
        q->entry = more;
        q->room = room;
    }
    int32_t at = (int32_t)(slice % SLICES);
    q->entry[q->used].state = state;
    q->entry[q->used].next = q->first[at];
    q->first[at] = (int32_t)q->used++;
    q->waiting++;
    return 0;
}

static inline int queue_begin(Queue *q, int64_t room)
{
    q->used = q->waiting = 0;
    q->room = room;
    memset(q->first, 0xff, sizeof q->first);
    q->entry = malloc((size_t)room * sizeof(Entry));
    return q->entry ? 0 : -1;
}

static inline int64_t slice_of(double label_s, int64_t now)
{
    double at = label_s / SLICE_S;
    /* What lies beyond the ring is laid into its last slice, and laid on when its turn comes. */
    if (at >= (double)(now + SLICES - 1)) return now + SLICES - 1;
    int64_t slice = (int64_t)at;
    return slice < now ? now : slice;
}

/* --- Contiguous arrays in, arrays filled in place. The callers in Python see to sizes and ranges. --- */

typedef struct { Py_buffer view[MOST_BUFFERS]; int n; } Held;

static inline void held_release(Held *held)
{
    while (held->n) PyBuffer_Release(&held->view[--held->n]);
}

static inline void *array_of(Held *held, PyObject *thing, Py_ssize_t width, Py_ssize_t least, int flags)
{
    Py_buffer *view = &held->view[held->n];
    if (PyObject_GetBuffer(thing, view, PyBUF_C_CONTIGUOUS | flags)) return NULL;
    held->n++;
    if (view->itemsize == width && view->len / width >= least) return view->buf;
    PyErr_Format(PyExc_ValueError, "array %d needs %zd numbers of %zd bytes", held->n, least, width);
    return NULL;
}

#define IN(name, thing, type, least) const type *name = array_of(&held, thing, sizeof(type), least, 0); if (!name) goto end
#define OUT(name, thing, type, least) type *name = array_of(&held, thing, sizeof(type), least, PyBUF_WRITABLE); if (!name) goto end

/* cells.c */
PyObject *cells_price(PyObject *self, PyObject *args);
PyObject *cells_ask(PyObject *self, PyObject *args);
PyObject *cells_quickest(PyObject *self, PyObject *args);

#endif
