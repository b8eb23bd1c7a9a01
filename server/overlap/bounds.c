#include "bounds.h"

#include <math.h>
#include <string.h>

enum
{
    STEPS_MOST = 20000,
    DANTZIG_STEPS = 2000, /* of the steepest first; then Bland's rule, which always ends */
};

#define TINY 1e-9

/*
 * The tableau in its usual form: row i says that basic variable basis[i] is right[i] minus what the non-basic ones
 * take; columns 0 … classes-1 are the unknowns, then one artificial variable a row, which phase one drives out.
 */
struct bounds
{
    size_t unknowns;
    bool is_fixed[BOUNDS_UNKNOWNS_MOST]; /* the known sums leave it one value */
    uint64_t value[BOUNDS_UNKNOWNS_MOST];
    size_t classes; /* of the others */
    uint16_t class_of[BOUNDS_UNKNOWNS_MOST];
    size_t rows;
    size_t columns; /* classes + rows */
    double *cell;   /* rows x columns */
    double *right;
    size_t *basis;
    double scale; /* of values, for rounding */
};

void bounds_add(bounds_set *set, size_t unknown)
{
    set->bits[unknown / 64] |= UINT64_C(1) << unknown % 64;
}

bool bounds_has(const bounds_set *set, size_t unknown)
{
    return (set->bits[unknown / 64] >> unknown % 64 & 1) != 0;
}

void bounds_free(bounds *self)
{
    if (self == NULL)
        return;
    sr_free(self->cell);
    sr_free(self->right);
    sr_free(self->basis);
    sr_free(self);
}

void bounds_clear(bounds **self)
{
    bounds_free(*self);
    *self = NULL;
}

static double *at(const bounds *self, size_t row, size_t column)
{
    return &self->cell[row * self->columns + column];
}

/* ---- what is plain --------------------------------------------------------------------------- */

/* The only unknown of a row that is not fixed; unknowns when there are more or none. `left`: what the fixed ones
 * leave of its sum; -1 when they are more than it. */
static size_t only_open(const bounds *self, const bounds_row *row, int64_t *left)
{
    size_t found = self->unknowns;
    size_t open = 0;
    *left = (int64_t)row->value;
    for (size_t x = 0; x < self->unknowns; x++)
    {
        if (!bounds_has(&row->set, x))
            continue;
        if (self->is_fixed[x])
            *left -= (int64_t)self->value[x];
        else if (open++ == 0)
            found = x;
    }
    if (open == 0 && *left != 0)
        *left = -1;
    return open == 1 ? found : self->unknowns;
}

/* A sum with one open unknown fixes it, which may leave one in another sum, and so on. */
static sr_result fix_plain(bounds *self, const bounds_row *rows, size_t count, sr_err *err)
{
    for (bool more = true; more;)
    {
        more = false;
        for (size_t i = 0; i < count; i++)
        {
            int64_t left = 0;
            size_t x = only_open(self, &rows[i], &left);
            if (left < 0)
                return sr_fail(err, SR_E_INVALID, "no counts have these sums");
            if (x == self->unknowns)
                continue;
            self->is_fixed[x] = true;
            self->value[x] = (uint64_t)left;
            more = true;
        }
    }
    return SR_OK;
}

static bool is_open(const bounds *self, const bounds_row *row)
{
    for (size_t x = 0; x < self->unknowns; x++)
        if (bounds_has(&row->set, x) && !self->is_fixed[x])
            return true;
    return false;
}

/* ---- classes --------------------------------------------------------------------------------- */

static bool stand_together(size_t a, size_t b, const bounds_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bounds_has(&rows[i].set, a) != bounds_has(&rows[i].set, b))
            return false;
    return true;
}

static void find_classes(bounds *self, const bounds_row *rows, size_t count)
{
    size_t first[BOUNDS_UNKNOWNS_MOST];
    for (size_t x = 0; x < self->unknowns; x++)
    {
        size_t class = 0;
        if (self->is_fixed[x])
            continue;
        while (class < self->classes && !stand_together(first[class], x, rows, count))
            class ++;
        if (class == self->classes)
            first[self->classes++] = x;
        self->class_of[x] = (uint16_t) class;
    }
}

/* ---- simplex --------------------------------------------------------------------------------- */

static void pivot(bounds *self, double *cost, double *value, size_t row, size_t column)
{
    double by = *at(self, row, column);
    for (size_t k = 0; k < self->columns; k++)
        *at(self, row, k) /= by;
    self->right[row] /= by;
    for (size_t i = 0; i < self->rows; i++)
    {
        double factor = i == row ? 0 : *at(self, i, column);
        if (fabs(factor) < TINY)
            continue;
        for (size_t k = 0; k < self->columns; k++)
            *at(self, i, k) -= factor * *at(self, row, k);
        self->right[i] -= factor * self->right[row];
        if (self->right[i] < 0) /* by rounding alone */
            self->right[i] = 0;
    }
    double factor = cost[column];
    for (size_t k = 0; k < self->columns; k++)
        cost[k] -= factor * *at(self, row, k);
    *value += factor * self->right[row];
    self->basis[row] = column;
}

/* The column that enters; columns when the optimum is reached. */
static size_t entering(const double *cost, size_t usable, bool steepest)
{
    size_t best = usable;
    for (size_t k = 0; k < usable; k++)
    {
        if (cost[k] <= TINY)
            continue;
        if (!steepest)
            return k;
        if (best == usable || cost[k] > cost[best])
            best = k;
    }
    return best;
}

/* The row that leaves: the tightest; of equal ones that of the lowest variable. */
static size_t leaving(const bounds *self, size_t column)
{
    size_t best = self->rows;
    double tightest = 0;
    for (size_t i = 0; i < self->rows; i++)
    {
        double by = *at(self, i, column);
        if (by <= TINY)
            continue;
        double ratio = self->right[i] / by;
        if (best == self->rows || ratio < tightest - TINY ||
            (ratio <= tightest && self->basis[i] < self->basis[best]))
        {
            best = i;
            tightest = ratio;
        }
    }
    return best;
}

/* Maximises the cost over the first `usable` columns, from the basis as it is. */
static sr_result maximise(bounds *self, double *cost, double *value, size_t usable, sr_err *err)
{
    for (int step = 0; step < STEPS_MOST; step++)
    {
        size_t column = entering(cost, usable, step < DANTZIG_STEPS);
        if (column == usable)
            return SR_OK;
        size_t row = leaving(self, column);
        if (row == self->rows)
            break; /* unbounded: an unknown in no known sum */
        pivot(self, cost, value, row, column);
    }
    return sr_fail(err, SR_E_INTERNAL, "bounds of hidden counts could not be found");
}

/* ---- phase one ------------------------------------------------------------------------------- */

static void fill_row(bounds *self, size_t i, const bounds_row *row)
{
    int64_t left = 0;
    (void)only_open(self, row, &left);
    for (size_t x = 0; x < self->unknowns; x++)
        if (bounds_has(&row->set, x) && !self->is_fixed[x])
            *at(self, i, self->class_of[x]) = 1;
    *at(self, i, self->classes + i) = 1;
    self->right[i] = (double)left;
    self->basis[i] = self->classes + i;
    if (self->right[i] > self->scale)
        self->scale = self->right[i];
}

static void fill(bounds *self, const bounds_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        self->rows += is_open(self, &rows[i]) ? 1 : 0;
    self->columns = self->classes + self->rows;
    self->cell = sr_array(self->rows * self->columns, sizeof *self->cell);
    self->right = sr_array(self->rows, sizeof *self->right);
    self->basis = sr_array(self->rows, sizeof *self->basis);
    size_t next = 0;
    for (size_t i = 0; i < count; i++)
        if (is_open(self, &rows[i]))
            fill_row(self, next++, &rows[i]);
}

/* Artificial variables that stay in the basis at zero leave it where an unknown can take their row; rows without
 * one say nothing new. */
static void drive_out(bounds *self, double *cost, double *value)
{
    for (size_t i = 0; i < self->rows; i++)
    {
        if (self->basis[i] < self->classes)
            continue;
        for (size_t k = 0; k < self->classes; k++)
            if (fabs(*at(self, i, k)) > 1e-6)
            {
                pivot(self, cost, value, i, k);
                break;
            }
    }
}

static sr_result find_feasible(bounds *self, sr_err *err)
{
    double *cost = sr_array(self->columns, sizeof *cost);
    double value = 0;
    double all = 0;
    for (size_t i = 0; i < self->rows; i++)
    {
        all += self->right[i];
        for (size_t k = 0; k < self->classes; k++)
            cost[k] += *at(self, i, k);
    }
    sr_result result = maximise(self, cost, &value, self->classes, err);
    if (result == SR_OK && fabs(all - value) > 1e-6 * (1 + self->scale))
        result = sr_fail(err, SR_E_INVALID, "no counts have these sums");
    if (result == SR_OK)
        drive_out(self, cost, &value);
    sr_free(cost);
    return result;
}

sr_result bounds_new(bounds **out, size_t unknowns, const bounds_row *rows, size_t count,
                     sr_err *err)
{
    *out = NULL;
    if (unknowns > BOUNDS_UNKNOWNS_MOST || count > BOUNDS_ROWS_MOST)
        return sr_fail(err, SR_E_LIMIT, "too many counts to find the bounds of");
    bounds *self SR_CLEANUP(bounds_clear) = sr_alloc(sizeof *self);
    self->unknowns = unknowns;
    if (fix_plain(self, rows, count, err) != SR_OK)
        return SR_FAIL;
    find_classes(self, rows, count);
    fill(self, rows, count);
    if (find_feasible(self, err) != SR_OK)
        return SR_FAIL;
    *out = self;
    self = NULL;
    return SR_OK;
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* 1 for the classes that count: of the greatest value those of which any unknown is asked for; of the least those
 * of which all are, since the others may be nought. */
static void choose(double *wanted, const bounds *self, const bounds_set *asked, bool all)
{
    for (size_t c = 0; c < self->classes; c++)
        wanted[c] = all ? 1 : 0;
    for (size_t x = 0; x < self->unknowns; x++)
    {
        bool has = bounds_has(asked, x);
        if (self->is_fixed[x])
            continue;
        if (all ? !has : has)
            wanted[self->class_of[x]] = all ? 0 : 1;
    }
}

/* The greatest value of `sign` times the chosen sum. */
static sr_result optimum(double *out, bounds *self, const bounds_set *asked, bool all, double sign,
                         sr_err *err)
{
    double *cost = sr_array(self->columns, sizeof *cost);
    double *wanted = sr_array(self->classes, sizeof *wanted);
    double value = 0;
    choose(wanted, self, asked, all);
    for (size_t c = 0; c < self->classes; c++)
        cost[c] = sign * wanted[c];
    for (size_t i = 0; i < self->rows; i++)
    {
        double factor = self->basis[i] < self->classes ? sign * wanted[self->basis[i]] : 0;
        if (factor == 0)
            continue;
        for (size_t k = 0; k < self->columns; k++)
            cost[k] -= factor * *at(self, i, k);
        value += factor * self->right[i];
    }
    sr_result result = maximise(self, cost, &value, self->classes, err);
    *out = sign * value;
    sr_free(wanted);
    sr_free(cost);
    return result;
}

sr_result bounds_of(uint64_t *least, uint64_t *greatest, bounds *self, const bounds_set *asked,
                    sr_err *err)
{
    double low = 0;
    double high = 0;
    double slack = 1e-6 + 1e-11 * self->scale; /* below a half for sums of all lists there may be */
    *least = 0;
    *greatest = 0;
    if (optimum(&low, self, asked, true, -1, err) != SR_OK ||
        optimum(&high, self, asked, false, 1, err) != SR_OK)
        return SR_FAIL;
    low = ceil(low - slack);
    high = floor(high + slack);
    *least = low <= 0 ? 0 : (uint64_t)low;
    *greatest = high <= 0 ? 0 : (uint64_t)high;
    for (size_t x = 0; x < self->unknowns; x++)
        if (self->is_fixed[x] && bounds_has(asked, x))
        {
            *least += self->value[x];
            *greatest += self->value[x];
        }
    return SR_OK;
}
