# Answers for survey/model.py: design-based logistic regression. Run as: Rscript model.R
# epsilon is tight because glm's default leaves errors of 1e-7 and more in the standard errors of rare outcomes.
source("answers.R")
options(contrasts = c("contr.treatment", "contr.poly"))

fit_logit <- function(formula, design) if (inherits(design, "svyrep.design"))
  svyglm(formula, design, family = quasibinomial(), control = list(epsilon = 1e-15, maxit = 200)) else
  svyglm(formula, design, family = quasibinomial(), epsilon = 1e-15, maxit = 200)

coefficients <- function(case, fit) {
  b <- coef(fit); se <- sqrt(diag(vcov(fit))); df <- fit$df.residual
  for (i in seq_along(b)) record(case, names(b)[i], b[[i]], se[[i]], df, b[[i]] / se[[i]], NA,
                                 2 * pt(-abs(b[[i]] / se[[i]]), df), b[[i]] - qt(0.975, df) * se[[i]],
                                 b[[i]] + qt(0.975, df) * se[[i]])
}
terms_of <- function(case, fit) for (term in attr(terms(fit), "term.labels")) {
  test <- regTermTest(fit, as.formula(paste("~", term)))
  record(case, term, NA, df = test$ddf, statistic = as.vector(test$Ftest), ndf = test$df, p_value = as.vector(test$p))
}

formulas <- list(
  used = used ~ gender + ethnicity + age_group + years,
  profile = profile ~ ethnicity + years,
  interaction = used ~ ethnicity * years + factor(wave),
  binary = used ~ ethnicity,
  powers = used ~ gender + years + I(years^2)
)
for (name in c("panel", "stages", "jkn")) for (model in names(formulas)) {
  fit <- fit_logit(formulas[[model]], designs[[name]])
  coefficients(paste0(model, "/", name), fit)
  terms_of(paste0(model, " terms/", name), fit)
}
fit <- fit_logit(formulas$used, subset(designs$panel, urban == 1))
coefficients("used/panel urban", fit)

# ---- average marginal effects: weighted means over the model's persons of the change in the fitted probability ----
# "design" linearises coefficients and persons together; "delta" takes the persons as fixed.
effects_of <- function(case, formula, design) {
  fit <- fit_logit(formula, design)
  data <- model.frame(design)
  inside <- complete.cases(data[all.vars(formula)])
  data <- data[inside, ]
  w <- weights(design, "sampling")[inside]
  xlevels <- fit$xlevels
  matrix_of <- function(d) model.matrix(delete.response(terms(fit)), d, xlev = xlevels)
  b <- coef(fit); X <- matrix_of(data); p <- plogis(drop(X %*% b))
  influence <- (X * (data[[all.vars(formula)[1]]] - p) * w) %*% solve(crossprod(X * (w * p * (1 - p)), X))
  average <- function(key, effect, gradient) {
    ame <- sum(w * effect) / sum(w)
    jacobian <- colSums(w * gradient) / sum(w)
    score <- rep(0, nrow(design))
    score[inside] <- w * (effect - ame) / sum(w) + influence %*% jacobian
    if (sum(inside) < nrow(design)) {
      df <- degf(subset(design, inside)) + 1 - length(b)
    } else df <- degf(design) + 1 - length(b)
    se <- sqrt(as.vector(survey:::svyrecvar(matrix(score), design$cluster, design$strata, design$fpc,
                                            postStrata = design$postStrata)))
    record(paste("design", case), key, ame, se, df)
    record(paste("delta", case), key, ame, sqrt(drop(t(jacobian) %*% vcov(fit) %*% jacobian)), df)
  }
  for (column in all.vars(formula)[-1]) {
    if (is.character(data[[column]])) {
      levels <- sort(unique(data[[column]]))
      at <- function(level) { d <- data; d[[column]] <- level; matrix_of(d) }
      base <- at(levels[1]); p0 <- plogis(drop(base %*% b))
      for (level in levels[-1]) {
        other <- at(level); p1 <- plogis(drop(other %*% b))
        average(paste0(column, level), p1 - p0, other * (p1 * (1 - p1)) - base * (p0 * (1 - p0)))
      }
    } else if (column == "years") {
      up <- data; up$years <- up$years + 1; down <- data; down$years <- down$years - 1
      slopes <- (matrix_of(up) - matrix_of(down)) / 2  # exact: the models are at most quadratic in years
      eta1 <- drop(slopes %*% b)
      average(column, p * (1 - p) * eta1, slopes * (p * (1 - p)) + X * (p * (1 - p) * (1 - 2 * p) * eta1))
    }
  }
}
for (name in c("panel", "stages")) {
  effects_of(paste0("used/", name), formulas$used, designs[[name]])
  effects_of(paste0("powers/", name), formulas$powers, designs[[name]])
  effects_of(paste0("interaction/", name), used ~ ethnicity * years, designs[[name]])
}
save_answers("model.csv")
